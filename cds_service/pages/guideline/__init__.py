"""The pathway page: the guideline data as a person reads it."""
