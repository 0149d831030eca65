"""The platform API of Heroku: asked, never changed."""
