"""A stand-in for the `heroku` command, as far as the guide has its reader type it: it talks to a fake of the API."""

from __future__ import annotations

import json
import os
import sys
import urllib.request

DYNO = {"DYNO": "run.4711", "HOME": "/app", "PORT": "31337", "PWD": "/app"}


def ask(path: str, body: dict[str, str] | None = None) -> dict[str, str]:
    """Ask the fake; a body is what is to be changed."""
    headers = {
        "Accept": "application/vnd.heroku+json; version=3",
        "Authorization": f"Bearer {os.environ['HEROKU_API_KEY']}",
    }
    data = None if body is None else json.dumps(body).encode()
    method = "GET" if body is None else "PATCH"
    request = urllib.request.Request(f"{os.environ['HEROKU_API_URL']}{path}", data, headers, method=method)
    with urllib.request.urlopen(request) as answer:
        found: dict[str, str] = json.load(answer)
    return found


def main(verb: str, *words: str) -> None:
    """Carry out `run ... 'env -0'`, or `config:set NAME=VALUE`, of the app that `-a` names."""
    app = words[words.index("-a") + 1]
    if verb == "run" and words[-1] == "env -0":
        found = {**ask(f"/apps/{app}/config-vars"), **DYNO}
        sys.stdout.write("".join(f"{name}={text}\0" for name, text in sorted(found.items())))
    elif verb == "config:set":
        name, _, text = words[0].partition("=")
        ask(f"/apps/{app}/config-vars", {name: text})
        sys.stderr.write(f"Setting {name} and restarting {app}... done\n")
        sys.stdout.write(f"{name}: {text}\n")
    else:
        sys.exit(f"no stand-in for `heroku {verb}`")


main(*sys.argv[1:])
