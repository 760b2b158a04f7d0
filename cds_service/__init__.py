"""neck-pain-cds: the neck and occipital pain pathway as a FHIR CDS Hooks service."""

__version__ = "0.1.0"
