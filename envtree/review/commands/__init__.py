"""The commands of the review, one in each file: each reads, computes and returns a value."""
