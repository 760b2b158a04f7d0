"""FamilyMemberHistory is not read, on purpose.

A disease of a relative is never the patient's own finding, and no rule of the pathway reads family history.
The resource is neither asked for nor mapped. Entries that mean the same in other resources (ICD-10-CM
Z80-Z84, "family history of ...") fall into ``context/family-history-cancer``, which no rule fires on.
"""
