"""Where a name leads, and whose certificate is trusted."""

from __future__ import annotations

import shutil
import socket
import ssl
import subprocess
import threading
from typing import TYPE_CHECKING, Any

import pytest

from cds_service.fhir_access.allow_list import parse_allow_list
from cds_service.fhir_access.fetcher import Fetcher
from cds_service.fhir_access.limits import FetchLimits
from cds_service.fhir_access.source import Order
from tests.fhir_server import Reply, as_json, fhir_server, searchset, serving, silent_listener

if TYPE_CHECKING:
    from collections.abc import Callable

    from cds_service.fhir_access.source import Fetched
from tests.fetch_orders import PATIENT, order
from tests.fetching import CALM


def resolving(*addresses: str) -> Callable[..., list[Any]]:
    """A resolver whose answers change from call to call, the last one staying."""
    answers = list(addresses)

    def resolve(_host: str, port: int, **_: Any) -> list[Any]:
        address = answers.pop(0) if len(answers) > 1 else answers[0]
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        place = (address, port, 0, 0) if family == socket.AF_INET6 else (address, port)
        return [(family, socket.SOCK_STREAM, 6, "", place)]

    return resolve


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "::1", "::ffff:127.0.0.1", "0.0.0.0", "169.254.169.254", "10.0.0.1"],  # noqa: S104 - refused
)
def test_a_listed_name_that_leads_inside_is_not_connected_to(address: str) -> None:
    with silent_listener() as (port, arrivals):
        base = f"http://ehr.example.org:{port}/fhir"
        fetched = Fetcher(parse_allow_list(base), PATIENT, resolve=resolving(address)).fetch(order(base))
        assert fetched.outcomes == {"refused-address": 1}
        assert fetched.keys["goals"].data.state.value == "failed"
        assert arrivals() == 0


def test_a_name_that_changes_its_address_is_judged_each_time_it_is_connected_to() -> None:
    with fhir_server(lambda _: as_json(searchset())) as server, silent_listener("127.0.0.2") as (_, arrivals):
        port = server.base.removesuffix("/fhir").rpartition(":")[2]
        base = f"http://ehr.example.org:{port}/fhir"
        listed = parse_allow_list(f"{base} 127.0.0.1/32")
        fetcher = Fetcher(listed, PATIENT, resolve=resolving("127.0.0.1", "127.0.0.2"))
        assert fetcher.fetch(order(base)).outcomes == {"ok": 1}
        server.answers = lambda _: Reply(reset=True)
        assert "refused-address" in fetcher.fetch(order(base)).outcomes
        assert arrivals() == 0


def test_of_several_addresses_the_next_is_tried_when_one_does_not_answer() -> None:
    with (
        fhir_server(lambda _: as_json(searchset())) as server,
        socket.create_server(("127.0.0.1", 0)) as gone,
    ):
        port = int(server.base.removesuffix("/fhir").rpartition(":")[2])
        closed = gone.getsockname()[1]
        gone.close()
        base = f"http://ehr.example.org:{port}/fhir"
        places = [("10.9.9.9", port), ("127.0.0.1", closed), ("127.0.0.1", port)]

        def resolve(*_: Any, **__: Any) -> list[Any]:
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", place) for place in places]

        listed = parse_allow_list(f"{base} 127.0.0.0/8")
        assert Fetcher(listed, PATIENT, resolve=resolve).fetch(order(base)).outcomes == {"ok": 1}


def test_a_name_that_is_resolved_for_ever_costs_no_more_than_the_deadline() -> None:
    is_over = threading.Event()

    def resolve(*_: Any, **__: Any) -> list[Any]:
        is_over.wait(5)
        return []

    base = "https://ehr.example.org/fhir"
    fetcher = Fetcher(parse_allow_list(base), FetchLimits(0.1, 0.2), resolve=resolve)
    fetched = fetcher.fetch(order(base))
    is_over.set()
    assert fetched.outcomes == {"timeout": 1}
    assert fetched.keys["goals"].data.state.value == "failed"
    assert fetched.milliseconds < 1000


def test_a_name_nobody_knows_is_unreachable() -> None:
    def resolve(*_: Any, **__: Any) -> list[Any]:
        raise socket.gaierror(socket.EAI_NONAME, "unknown")

    base = "https://ehr.example.org/fhir"
    fetched = Fetcher(parse_allow_list(base), PATIENT, resolve=resolve).fetch(order(base))
    assert fetched.outcomes == {"unreachable": 1}


def test_a_server_whose_certificate_nobody_vouches_for_gets_no_token() -> None:
    with fhir_server(serving(CALM["prefetch"])) as server:  # speaks no TLS at all
        base = server.base.replace("http:", "https:")
        fetched = Fetcher(parse_allow_list(base), PATIENT).fetch(order(base))
        assert fetched.outcomes == {"unreachable": 1}
        assert server.asked == []


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[ssl.SSLContext, str]:
    """A server's context and the file of the authority that vouches for it: itself, for 127.0.0.1."""
    if shutil.which("openssl") is None:
        pytest.skip("needs the openssl command to make a certificate")
    folder = tmp_path_factory.mktemp("tls")
    command = (
        "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=test -addext subjectAltName=IP:127.0.0.1"
    )
    subprocess.run(
        [*command.split(), "-keyout", folder / "key.pem", "-out", folder / "cert.pem"],
        check=True,
        capture_output=True,
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    return context, str(folder / "cert.pem")


def test_over_tls_the_authority_of_the_setting_is_trusted_and_no_other(
    certificate: tuple[ssl.SSLContext, str],
) -> None:
    context, authority = certificate
    with fhir_server(lambda _: as_json(searchset()), tls=context) as server:
        listed = parse_allow_list(server.base)
        trusting = FetchLimits(call_seconds=8.0, total_seconds=9.0, ca_file=authority)
        assert Fetcher(listed, trusting).fetch(order(server.base)).outcomes == {"ok": 1}
        assert Fetcher(listed, PATIENT).fetch(order(server.base)).outcomes == {"unreachable": 1}
        assert len(server.asked) == 1, "the token went to nobody unknown"


def test_over_tls_a_byte_now_and_then_ends_at_the_deadline_too(
    certificate: tuple[ssl.SSLContext, str],
) -> None:
    context, authority = certificate
    with fhir_server(lambda _: as_json(searchset(), drip=0.1), tls=context) as server:
        limits = FetchLimits(call_seconds=1.0, total_seconds=8.0, ca_file=authority)
        fetched = Fetcher(parse_allow_list(server.base), limits).fetch(order(server.base))
    assert fetched.outcomes == {"timeout": 1}
    assert fetched.milliseconds < 4000


def test_a_verified_client_may_name_its_own_servers_and_no_others() -> None:
    with fhir_server(lambda _: as_json(searchset())) as server:
        fetcher = Fetcher(parse_allow_list(server.base), PATIENT)
        asked = order(server.base)
        theirs = parse_allow_list("https://ehr.example.org/fhir")
        nobody: Fetched = fetcher.fetch(Order(asked.patient_id, asked.grant, asked.needs, servers=theirs))
        assert nobody.outcomes == {"not-listed": 1}
        assert server.asked == []
        assert fetcher.fetch(asked).outcomes == {"ok": 1}
