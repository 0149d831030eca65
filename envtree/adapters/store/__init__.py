"""The output folder: envdirs stored once, generations made of links to them, and `current`, moved in one rename."""
