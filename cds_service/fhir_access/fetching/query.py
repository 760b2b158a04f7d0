"""The queries we send, in a shape real servers take; and what a server says it made of one."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

from msgspec import structs

from cds_service.fhir_access.templates import PATIENT_TOKEN
from cds_service.value import Value

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from cds_service.fhir_access.templates import DataNeed

# Longer queries are sent as a form: proxies and servers refuse addresses, at 2,000 characters the first.
MAX_URL = 1500
# A form of this size is taken by every server we know of.
MAX_FORM = 6000
# Drugs ride along where a prescription only refers to them.
WITH_MEDICATION = frozenset({"MedicationRequest", "MedicationStatement", "MedicationAdministration"})
_SUBJECTS = frozenset({"patient", "subject"})


class Request(Value, frozen=True):
    """One HTTP request.

    Attributes:
        method: GET, or POST for a search sent as a form.
        url: Whole.
        form: Parameters of a search sent as a form.
    """

    method: str
    url: str
    form: str | None = None


class Query(Value, frozen=True):
    """A read, or a search with its parameters.

    Attributes:
        path: ``Patient/1`` or ``Observation``.
        params: Name and value, in order; none for a read.
    """

    path: str
    params: tuple[tuple[str, str], ...] = ()

    def request(self, base: str) -> Request:
        """The query as it is sent to a server."""
        url = f"{base}/{self.path}"
        if not self.params:
            return Request("GET", url)
        encoded = urlencode(self.params, quote_via=quote, safe=":,/")
        if len(url) + len(encoded) < MAX_URL:
            return Request("GET", f"{url}?{encoded}")
        return Request("POST", f"{url}/_search", encoded)

    def plainer(self, supported: frozenset[str] | None) -> Query:
        """The query for a server that does not take it: patient and page size alone.

        Args:
            supported: Search parameters the server declares for the type; None when it does not say.
        """
        params = tuple((n, v) for n, v in self.params if n in ("patient", "_count"))
        if supported and "patient" not in supported and "subject" in supported:
            params = tuple(("subject", f"Patient/{v}") if n == "patient" else (n, v) for n, v in params)
        return structs.replace(self, params=params)


def query_of(need: DataNeed, patient_id: str) -> Query:
    """The query of a prefetch template, its token filled."""
    path, _, search = need.template.replace(PATIENT_TOKEN, patient_id).partition("?")
    params = tuple(parse_qsl(search))
    if path in WITH_MEDICATION:
        params += (("_include", f"{path}:medication"),)
    return Query(path, params)


def by_codes(need: DataNeed, patient_id: str, tokens: Iterable[str]) -> Iterator[Query]:
    """Searches for these codes alone (``system|code``), as many as keep each of them short."""
    base = query_of(need, patient_id)
    for part in _parts(tokens):
        yield structs.replace(base, params=(*base.params, ("code", part)))


def _parts(tokens: Iterable[str]) -> Iterator[str]:
    part: list[str] = []
    length = 0
    for token in tokens:
        size = len(quote(token, safe=":,/")) + 1
        if part and length + size > MAX_FORM:
            yield ",".join(part)
            part, length = [], 0
        part.append(token)
        length += size
    if part:
        yield ",".join(part)


class Applied(Value, frozen=True):
    """What a server says it searched for, compared with what was asked.

    Attributes:
        is_of_patient: It searched this patient's data.
        is_narrower: It searched for less than was asked: "none" says nothing then.
    """

    is_of_patient: bool = True
    is_narrower: bool = False


def applied(self_url: str | None, query: Query) -> Applied:
    """The search in a Bundle's self link (http://hl7.org/fhir/R4/search.html#conformance).

    A link without parameters says nothing. A parameter that is not in it was ignored: for a code that means
    more than was asked and does no harm, for the patient that the set is of anybody. One that was not asked
    for leaves something out.
    """
    said = parse_qsl(urlsplit(self_url or "").query, keep_blank_values=True)
    if not said:
        return Applied()
    asked = {_name(name) for name, _ in query.params}
    subject = next((value for name, value in query.params if name in _SUBJECTS), "").rpartition("/")[2]
    of = [value.rpartition("/")[2] for name, value in said if _name(name) == "patient"]
    added = [name for name, _ in said if not name.startswith("_") and _name(name) not in asked]
    return Applied(is_of_patient=of == [subject], is_narrower=bool(added))


def _name(name: str) -> str:
    bare = name.partition(":")[0].partition(".")[0]
    return "patient" if bare in _SUBJECTS else bare


_TRICKS = re.compile(r";|//|%(?:2[ef5]|5c|3[bf]|23|[01])|/\.\.?(?:/|$)", re.IGNORECASE)


def is_below(url: object, base: str) -> bool:
    """Whether a link leads to the same origin and path as the server's base, written without tricks.

    Servers differ in what they make of an escaped dot or slash, an empty part or a parameter of a part.
    """
    if not isinstance(url, str) or not url.isascii() or any(c <= " " or c == "\\" for c in url):
        return False
    if not url.startswith((f"{base}/", f"{base}?")):
        return False
    path = url[len(base) :].partition("?")[0]
    return "#" not in url and not _TRICKS.search(path)
