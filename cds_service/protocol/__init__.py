"""CDS Hooks on the wire, named as the specification names it; nothing of Flask in here."""
