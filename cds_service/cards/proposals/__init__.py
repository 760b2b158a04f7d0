"""Suggestions: what the pathway proposes, as FHIR R4 resources, one module a resource kind."""

from cds_service.cards.proposals.creatable import for_client
from cds_service.cards.proposals.drafting import Drafting
from cds_service.cards.proposals.suggestion import suggestions

__all__ = ["Drafting", "for_client", "suggestions"]
