"""The order in the clinician's hand: agree in silence, or offer the better one (3.4)."""
