"""Types of texts that pydantic has none for: lists with commas, and durations."""
