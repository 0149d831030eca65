"""Apps and tree compared, by what each process gets."""
