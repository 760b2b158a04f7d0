"""A decision said in cards: pure, in the words of the guideline data."""

from cds_service.cards.proposals.validation import preload
from cds_service.cards.render import RenderOptions, render

__all__ = ["RenderOptions", "preload", "render"]
