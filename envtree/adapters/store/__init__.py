"""The output folder: envdirs that are stored once, generations of links to them, and `current`, moved in one rename."""
