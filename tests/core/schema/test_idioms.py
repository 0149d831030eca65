"""What users of pydantic-settings write works, or is refused at its line with the way out; none of it is misread."""

from __future__ import annotations

import re

import pytest
from pydantic import ConfigDict
from pydantic_settings import SettingsConfigDict

from tests.builders import ROOT
from tests.core.schema.idioms import CLASS, IDIOMS, TYPES_OF_THEIR_OWN, VALUE, Idiom
from tests.core.schema.peers import Peer, refusals

GUIDE = ROOT / "docs/howto/from-pydantic-settings.md"


def values(text: str | None) -> dict[str, str]:
    return {} if text is None else {"A": text}


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("idiom", IDIOMS, ids=lambda idiom: idiom.code)
def test_an_idiom_works_or_is_refused_at_its_line_with_the_way_out(idiom: Idiom) -> None:
    if not idiom.refused:
        assert refusals(idiom.text(), values(idiom.good), TYPES_OF_THEIR_OWN) == ()
        if idiom.bad is not None:
            found = refusals(idiom.text(), values(idiom.bad), TYPES_OF_THEIR_OWN)
            assert {each.code for each in found} <= {VALUE, "inconsistent-values"}
            assert found
        return
    found = refusals(idiom.text(), values(idiom.bad), TYPES_OF_THEIR_OWN)
    (refusal,) = (each for each in found if each.code == idiom.refused)
    assert refusal.span
    assert refusal.help or "expected the type" in f"{refusal.label} {refusal.notes}"
    if refusal.span.file == "schemas/common.py":
        line = idiom.text().splitlines()[refusal.span.line - 1].strip()
        assert line in [each.strip() for each in (*idiom.code.splitlines(), CLASS)]
    else:
        assert str(refusal.span).startswith("configs/common.yaml:1:")


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(
    "idiom", [each for each in IDIOMS if each.refused in ("", VALUE)], ids=lambda idiom: idiom.code
)
def test_pydantic_settings_says_the_same_of_an_idiom_unless_the_list_says_otherwise(idiom: Idiom) -> None:
    peer = Peer(idiom.text(), TYPES_OF_THEIR_OWN)
    good = idiom.refused or peer.accepts(values(idiom.good))
    bad = idiom.bad is not None and peer.accepts(values(idiom.bad))
    assert (bool(good) and not bad) != idiom.differs


def cells(heading: str) -> list[list[str]]:
    """The rows of the table below a heading of the guide."""
    section = re.split(r"^## ", GUIDE.read_text(), flags=re.MULTILINE)
    (text,) = (each for each in section if each.startswith(f"{heading}\n"))
    rows = re.findall(r"^\| (`.*) \|$", text, flags=re.MULTILINE)
    return [re.split(r"(?<!\\) \| ", row) for row in rows]


def row_of(idiom: Idiom) -> str:
    """An idiom as the guide's table has it."""
    verdict = f"refused (`{idiom.refused}`)" if idiom.refused else "works"
    shown = idiom.shown.replace("|", "\\|")
    return f"| `{shown}` | {verdict}{f': {idiom.instead}' if idiom.instead else ''} |"


def test_the_guide_has_the_whole_list() -> None:
    assert len(IDIOMS) >= 120
    table = GUIDE.read_text().partition("## Idioms\n")[2]
    missing = [row for row in map(row_of, IDIOMS) if row not in table]
    assert missing == []
    assert len(re.findall(r"^\| `", table, flags=re.MULTILINE)) == len(IDIOMS)


OPTIONS = sorted(SettingsConfigDict.__annotations__)


def test_the_guide_has_every_option() -> None:
    listed = {name for first, *_ in cells("Options") for name in re.findall(r"`(\w+)`", first)}
    assert listed >= set(OPTIONS)


@pytest.mark.parametrize("option", [each for each in OPTIONS if each not in ConfigDict.__annotations__])
def test_an_option_of_pydantic_settings_is_kept_to_or_refused_in_words_of_its_own(option: str) -> None:
    schema = f"from envtree import Settings\n{CLASS}    model_config = {{{option!r}: 'x'}}\n    A: str = ''\n"
    found = refusals(schema, {})
    assert not any("no such option" in each.help for each in found)
    assert [each.code for each in found] == (
        [] if option in ("env_prefix", "env_ignore_empty") else ["unusable-option"]
    )
