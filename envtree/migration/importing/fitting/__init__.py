"""Values from files fitted to a tree that has others, which an app on Heroku would replace."""
