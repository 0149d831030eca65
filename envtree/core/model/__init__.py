"""The values that all other parts share: source, entry, layer, target, project, diagnostic, commit."""
