"""The formats that runit reads: envdirs, the scripts of a service folder, and the functions that the scripts share."""
