"""What was read of a record, and whether it is valid FHIR, in words for people."""
