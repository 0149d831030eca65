"""AWS without a library: credentials, Signature 4, and the few calls that envtree makes."""
