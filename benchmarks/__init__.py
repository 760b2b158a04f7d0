"""What a request costs, measured against a floor in the same run."""
