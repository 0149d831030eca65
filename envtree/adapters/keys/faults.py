"""Reasons why a key can't be had or used; they hold no part of a key and no text of another program."""

from __future__ import annotations

from typing import NamedTuple


class KeyFault(NamedTuple):
    """What is wrong with one key, in words that stand alone, and what may help."""

    words: str
    advice: str = ""
