"""Codes and words to concepts: value sets as data, and fixed phrases for text that carries no code."""

from cds_service.terminology.load import canonical_of, load_terminology, with_codes
from cds_service.terminology.model import Terminology, TextDomain

__all__ = ["Terminology", "TextDomain", "canonical_of", "load_terminology", "with_codes"]
