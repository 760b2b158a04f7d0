"""What the guideline says: reviewed data, its types and its strict loader."""
