"""What a build writes: the manifest, the plan and the record; and what is read back from a manifest."""
