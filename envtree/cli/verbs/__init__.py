"""The verbs, one a file: what each takes, its help, and what it prints."""
