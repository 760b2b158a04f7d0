"""Reading what is missing from the client's FHIR server.

Imported when the first call needs it: a service that gets full prefetch never pays for the HTTP client.
"""
