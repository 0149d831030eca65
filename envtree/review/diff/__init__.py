"""A comparison of two sides by what each process gets."""
