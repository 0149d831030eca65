"""The values that all speak: source, entry, layer, target, project, diagnostic, commit."""
