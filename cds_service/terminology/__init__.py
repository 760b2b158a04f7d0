"""Codes and words to concepts: value sets as data, and fixed phrases for text that carries no code."""

from cds_service.terminology.load import load_terminology
from cds_service.terminology.model import Terminology, TextDomain

__all__ = ["Terminology", "TextDomain", "load_terminology"]
