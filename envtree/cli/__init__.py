"""argv to one call: the only floor that prints, exits, or catches everything."""
