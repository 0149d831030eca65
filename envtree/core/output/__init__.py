"""What a build writes: manifest, plan, record; and the manifest read back."""
