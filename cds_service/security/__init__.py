"""Who may call: the registry of clients, their keys, and the verification of their tokens."""
