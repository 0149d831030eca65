"""Two sides compared, by what each process gets."""
