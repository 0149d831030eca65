"""Values in, values out: nothing here opens, runs, prints, or reads the clock or the environment."""
