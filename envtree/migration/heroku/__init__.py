"""The platform API of Heroku, which is only read."""
