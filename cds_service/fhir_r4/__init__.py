"""The elements of FHIR R4 the pathway reads, and a decoder that no strange element can stop.

These structures are lean on purpose: they declare what the mapping reads and everything that can turn a
meaning round (status, verificationStatus, doNotPerform, comparator, dataAbsentReason, modifierExtension).
They check nothing else; validity is not a condition for being listened to.
"""

from cds_service.fhir_r4.decode import Decoded, decode
from cds_service.fhir_r4.late import LateUnreadable, is_readable
from cds_service.fhir_r4.resources import STRUCTS

__all__ = ["STRUCTS", "Decoded", "LateUnreadable", "decode", "is_readable"]
