"""Vignettes: cases as a clinician writes them, built into FHIR and sent through the service."""
