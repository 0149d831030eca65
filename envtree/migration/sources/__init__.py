"""Files that a team comes from other than Heroku's API: `.env`, a Procfile, `app.json`; read strictly."""
