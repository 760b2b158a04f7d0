"""What the service read, concluded and said, for a person at a terminal."""
