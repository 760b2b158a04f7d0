"""The services we offer, found by id and hook: one id may serve several hooks."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from cds_service.errors import HookMismatch, UnknownService
from cds_service.hooks import order_select, order_sign, patient_view
from cds_service.value import Value

if TYPE_CHECKING:
    from cds_service.fhir_access.gather import Call
    from cds_service.protocol.discovery import ServiceDescription
    from cds_service.protocol.request import HookRequest


class Service(Value, frozen=True):
    """A service: how discovery describes it, and how its hook's request is read."""

    description: ServiceDescription
    read_call: Callable[[HookRequest], Call]
    is_silent_for: Callable[[Call], bool]


SERVICES: tuple[Service, ...] = (
    Service(patient_view.SERVICE, patient_view.read_call, patient_view.is_for_lay_user),
    Service(order_select.SERVICE, order_select.read_call, patient_view.is_for_lay_user),
    Service(order_sign.SERVICE, order_sign.read_call, patient_view.is_for_lay_user),
)


def check_id(service_id: str, services: tuple[Service, ...] = SERVICES) -> None:
    """Raise UnknownService unless a service has this id, whatever its hook."""
    if all(service.description.id != service_id for service in services):
        raise UnknownService


def find(service_id: str, hook: str, services: tuple[Service, ...] = SERVICES) -> Service:
    """The service at this id that answers this hook.

    Raises:
        HookMismatch: The id exists, for other hooks.
    """
    for service in services:
        if (service.description.id, service.description.hook) == (service_id, hook):
            return service
    raise HookMismatch
