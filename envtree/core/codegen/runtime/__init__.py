"""What each generated file needs to read texts, in its own language; parts are separated by two empty lines."""
