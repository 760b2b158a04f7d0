"""The red flags: one module a topic, ``screen`` for all of them."""

from cds_service.pathway.rules.red_flags.screen import screen

__all__ = ["screen"]
