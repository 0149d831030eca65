"""Heroku's apps as values: config vars, owners, process types, snapshots."""
