"""The SOPS format of sealed layers: read strictly, opened with a data key, and written; no key is looked up here."""
