"""One file a peer: `prepare` turns the tree into its input, `run` is what is timed."""
