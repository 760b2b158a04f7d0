from __future__ import annotations

import pytest

from cds_service.fhir_access.addresses import is_allowed
from cds_service.fhir_access.allow_list import PRIVATE_NETWORKS, NotAServer, parse_allow_list

LISTED = "https://ehr.example.org/fhir/R4"

# What a caller may write in fhirServer to get us somewhere else.
ATTACKS = {
    "another host": "https://evil.example/fhir/R4",
    "a host that begins like ours": "https://ehr.example.org.evil.example/fhir/R4",
    "ours as a user name": "https://ehr.example.org@evil.example/fhir/R4",
    "ours with a user name": "https://user:secret@ehr.example.org/fhir/R4",
    "a dot at the end of the host": "https://ehr.example.org./fhir/R4",
    "capitals": "https://EHR.example.org/fhir/R4",
    "another scheme": "http://ehr.example.org/fhir/R4",
    "a file": "file:///etc/passwd",
    "gopher": "gopher://ehr.example.org/fhir/R4",
    "another port": "https://ehr.example.org:8443/fhir/R4",
    "the usual port, written out": "https://ehr.example.org:443/fhir/R4",
    "another path": "https://ehr.example.org/fhir",
    "a path above": "https://ehr.example.org/fhir/R4/..",
    "a longer path": "https://ehr.example.org/fhir/R4/admin",
    "two slashes at the end": "https://ehr.example.org/fhir/R4//",
    "a query": "https://ehr.example.org/fhir/R4?x=",
    "a fragment": "https://ehr.example.org/fhir/R4#",
    "a backslash": "https://ehr.example.org\\@evil.example/fhir/R4",
    "a blank": "https://ehr.example.org/fhir/R4 ",
    "a line break": "https://ehr.example.org/fhir/R4\r\nX: y",
    "a tab inside": "https://ehr.exa\tmple.org/fhir/R4",
    "loopback": "http://127.0.0.1:8080",
    "loopback, short": "http://127.1:8080",
    "loopback, decimal": "http://2130706433",
    "loopback, octal": "http://0177.0.0.1",
    "loopback, hexadecimal": "http://0x7f000001",
    "loopback, IPv6": "http://[::1]:8080",
    "loopback, mapped": "http://[::ffff:127.0.0.1]",
    "any address": "http://0.0.0.0:8080",
    "metadata": "http://169.254.169.254/latest/meta-data",
    "metadata, decimal": "http://2852039166/latest/meta-data",
    "metadata, IPv6": "http://[fd00:ec2::254]/latest",
    "metadata by name": "http://metadata.google.internal/computeMetadata/v1",
    "full-width digits": "http://①②⑦.⓪.⓪.①",
    "a look-alike letter": "https://ehr.ex\u0430mple.org/fhir/R4",
    "nothing": "",
}


@pytest.mark.parametrize("url", ATTACKS.values(), ids=ATTACKS)
def test_whatever_is_not_on_the_list_letter_for_letter_is_not_found(url: str) -> None:
    assert parse_allow_list(LISTED).find(url) is None


def test_what_is_on_the_list_is_found_and_called_as_the_list_writes_it() -> None:
    servers = parse_allow_list(f"https://other.example/r4 , {LISTED}/ open")
    for url in (LISTED, f"{LISTED}/"):
        found = servers.find(url)
        assert found is not None
        assert (found.base, found.is_open, found.name) == (LISTED, True, "ehr.example.org")
    assert parse_allow_list("").servers == ()


BAD = {
    "ehr.example.org/fhir": "expected an http or https URL",
    "ftp://ehr.example.org": "expected an http or https URL",
    "https://": "host name in lower case",
    "https://EHR.example.org": "and nothing else",
    "https://ehr.example.org./fhir": "host name in lower case",
    "https://2130706433/fhir": "host name in lower case",
    "https://0x7f.0.0.1/fhir": "host name in lower case",
    "https://127.1/fhir": "host name in lower case",
    "https://010.0.0.1/fhir": "host name in lower case",
    "https://ehr_1.example.org": "host name in lower case",
    "https://user@ehr.example.org": "and nothing else",
    "https://ehr.example.org/fhir?x=1": "and nothing else",
    "https://ehr.example.org/fhir#x": "and nothing else",
    "https://ehr.example.org/a/../b": "and nothing else",
    "https://ehr.example.org//fhir": "and nothing else",
    "https://ehr.example.org/%2e%2e/fhir": "and nothing else",
    "https://ehr.example.org:0/fhir": "and nothing else",
    "https://ehr.example.org:99999/fhir": "the port",
    "https://[::0001]/fhir": "host name in lower case",
    "https://ehr.example.org opened": "neither open, private nor a network",
    "https://ehr.example.org 10.0.0.1/8": "neither open, private nor a network",
}


@pytest.mark.parametrize(("entry", "why"), BAD.items(), ids=BAD)
def test_an_entry_that_could_mean_anything_else_is_refused(entry: str, why: str) -> None:
    with pytest.raises(NotAServer, match=why):
        parse_allow_list(entry)


def test_production_calls_by_https_only() -> None:
    assert parse_allow_list(LISTED, is_production=True).servers
    with pytest.raises(NotAServer, match="by https only"):
        parse_allow_list("http://ehr.example.org/fhir", is_production=True)


PUBLIC = ("8.8.8.8", "2606:4700:4700::1111")
NOT_PUBLIC = (
    "127.0.0.1",
    "127.8.8.8",
    "10.1.2.3",
    "172.16.0.1",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "100.100.100.200",
    "168.63.129.16",
    "192.0.0.192",
    "0.0.0.0",  # noqa: S104 - an address to refuse
    "224.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "fe80::1%eth0",
    "fd00:ec2::254",
    "fc00::1",
    "ff02::1",
    "::ffff:127.0.0.1",
    "::ffff:169.254.169.254",
    "64:ff9b::7f00:1",
    "2002:7f00:1::",
    "2001:0:7f00:1::",
)


@pytest.mark.parametrize("address", PUBLIC)
def test_public_addresses_may_be_connected_to(address: str) -> None:
    assert is_allowed(address)


@pytest.mark.parametrize("address", NOT_PUBLIC)
def test_no_other_address_may_unless_it_is_listed(address: str) -> None:
    assert not is_allowed(address)


@pytest.mark.parametrize("address", ["127.0.0.1", "10.1.2.3", "fd00::5", "::1", "::ffff:192.168.1.1"])
def test_the_word_private_lists_the_private_networks(address: str) -> None:
    (server,) = parse_allow_list("https://ehr.example.org private").servers
    assert server.networks == PRIVATE_NETWORKS
    assert is_allowed(address, server.networks)


@pytest.mark.parametrize("address", ["169.254.169.254", "fe80::1", "100.64.0.1"])
def test_the_word_private_does_not_list_the_neighbourhood_of_the_machine(address: str) -> None:
    assert not is_allowed(address, PRIVATE_NETWORKS)


def test_networks_can_be_listed_one_by_one() -> None:
    (server,) = parse_allow_list("https://ehr.example.org 10.20.0.0/16 fd12::/16").servers
    assert is_allowed("10.20.3.4", server.networks)
    assert is_allowed("fd12::1", server.networks)
    assert not is_allowed("10.21.0.1", server.networks)


@pytest.mark.parametrize(
    ("base", "address", "other"),
    [
        ("http://127.0.0.1:8103/fhir", "127.0.0.1", "127.0.0.2"),
        ("http://[::1]:8103/fhir", "::1", "127.0.0.1"),
        ("http://localhost:8103/fhir", "127.0.0.1", "10.0.0.1"),
    ],
)
def test_an_address_that_is_named_is_listed_by_that(base: str, address: str, other: str) -> None:
    (server,) = parse_allow_list(base).servers
    assert is_allowed(address, server.networks)
    assert not is_allowed(other, server.networks)
