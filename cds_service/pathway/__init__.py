"""The guideline applied: pure functions from a case to a decision."""
