"""The layers of a tree: their files, their entries, and what these resolve to, with provenance."""
