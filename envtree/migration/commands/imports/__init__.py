"""The imports: what is read, planned, proved, sealed and written."""
