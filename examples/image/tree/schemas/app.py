"""What the processes of app have."""

from pydantic import HttpUrl

from envtree import Port, Settings


class App(Settings):
    STORE_URL: HttpUrl


class Web(Settings, process="web"):
    PORT: Port
