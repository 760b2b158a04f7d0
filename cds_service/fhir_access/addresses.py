"""Whether an address may be connected to: public ones, and those the list names."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cds_service.fhir_access.allow_list import Network

_NAT64 = ip_network("64:ff9b::/96")
# Not private by their number to every Python, yet answered by the host the machine runs on: protocol
# assignments (Oracle's metadata), and Azure's.
_HOST_SERVICES = (ip_network("192.0.0.0/24"), ip_network("168.63.129.16/32"))

Address = IPv4Address | IPv6Address


def is_allowed(address: str, networks: Iterable[Network] = ()) -> bool:
    """Whether this address, as a resolver gave it, may be connected to.

    Args:
        address: IPv4 or IPv6, a zone after ``%`` included.
        networks: Networks listed for the server beside the public ones.
    """
    found = ip_address(address.partition("%")[0])
    if isinstance(found, IPv6Address) and found.ipv4_mapped:
        found = found.ipv4_mapped
    if any(found in network for network in networks):
        return True
    return _is_public(found) and all(map(_is_public, _carried(found)))


def _is_public(address: Address) -> bool:
    return (
        address.is_global
        and not (address.is_multicast or address.is_reserved)
        and not any(address in network for network in _HOST_SERVICES)
    )


def _carried(address: Address) -> tuple[IPv4Address, ...]:
    """IPv4 addresses that packets to an IPv6 address are handed on to."""
    if isinstance(address, IPv4Address):
        return ()
    if address in _NAT64:
        return (IPv4Address(int(address) & 0xFFFFFFFF),)
    carried = (address.sixtofour, *(address.teredo or ()))
    return tuple(found for found in carried if found is not None)
