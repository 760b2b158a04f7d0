"""FHIR R4 to plain facts, one module per resource kind. Knows no rule and no threshold."""
