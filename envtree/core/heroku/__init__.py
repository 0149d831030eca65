"""What Heroku gives its apps, where each belongs in a tree, and in what the two differ."""
