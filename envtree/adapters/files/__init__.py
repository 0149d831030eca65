"""The files of a tree: reads them, rewrites them in place, generates others, and caches what was validated."""
