"""The way here from Heroku: apps are read, mapped, imported and compared."""
