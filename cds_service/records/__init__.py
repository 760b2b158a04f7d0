"""What is kept: cards shown, what became of them, and the ids of tokens that were used. No patient data."""
