"""The service folders of runit: what each script of a target says, and what the scripts share."""
