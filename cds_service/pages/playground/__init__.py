"""The playground: try a decision, see why, change one fact."""
