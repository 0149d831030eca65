"""Heroku's Platform API: where to ask and with which token, one request at a time, and whole fleets."""
