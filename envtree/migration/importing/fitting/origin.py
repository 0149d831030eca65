"""Where the values of an import come from, in the words that it is reported in."""

from __future__ import annotations

from typing import NamedTuple


class ValueOrigin(NamedTuple):
    """A source of values, as messages and files name it."""

    had: str
    """What its processes did with their variables, as a schema file says it."""
    lacking: str
    """Why a variable of the tree is kept as it is: the source has none."""
    is_exact: bool = True
    """Whether processes are to get these variables and no others."""
    is_default: bool = False
    """Whether its values are for variables that have none yet."""


HEROKU = ValueOrigin("had on Heroku", "not on Heroku")
DOTENV = ValueOrigin("had in their `.env` files", "not in the files", is_exact=False)
PROCFILE = ValueOrigin("have", "not in a Procfile", is_exact=False)
APP_JSON = ValueOrigin("are given by `app.json`", "has a value already", is_exact=False, is_default=True)
