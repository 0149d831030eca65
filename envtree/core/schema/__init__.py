"""What an author's classes demand, which apply to a target, and what breaks them."""
