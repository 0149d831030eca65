"""Which app is which service in which environment."""
