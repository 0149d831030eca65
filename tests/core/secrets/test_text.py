"""Secrets in comments, commands, Markdown and programs: found at their place, and not where they are only named."""

from __future__ import annotations

import re
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envtree.core.secrets import addresses, names, shapes, text, values
from envtree.core.secrets.judgement import judge
from envtree.core.secrets.quiet import quietings
from envtree.core.secrets.text import find_leak, find_leaks
from tests.core.secrets.table import ADDRESSES, ALL, HEX, VENDORS, chance
from tests.effort import assert_in_proportion

# The line, and the part of it that is the secret.
SETTINGS = [
    ("    command: REPORT_TOKEN=a81c-tulip bundle exec sidekiq", "a81c-tulip"),
    ("  worker: {command: bin/work --password tulip99}", "tulip99"),
    ("  worker: {command: bin/work --db-password=tulip99 --verbose}", "tulip99"),
    ("  ready: curl -fsu monitor:tulip99 localhost/up".replace("-fsu", "-fs -u"), "tulip99"),
    ("  ready: curl -H 'Authorization: Bearer a81ctulip' localhost/up", "a81ctulip"),
    ("  before_stop: mysql -u root -ptulip99 -e 'select 1'", "tulip99"),
    ("  ready: redis-cli -a tulip99 ping", "tulip99"),
    ("  ready: sshpass -p tulip99 ssh box true", "tulip99"),
    ("  command: openssl rsa -passin pass:tulip99 -in key", "tulip99"),
    ("  command: PGPASSWORD='tulip river' psql", "tulip river"),
    ("  command: psql postgres://reader:tulip99@db.internal/app", "tulip99"),
    ("DB_PASSWORD: tulip99", "tulip99"),
    ("export API_TOKEN=tulip99", "tulip99"),
]
PROSE = [
    ("# DB_PASSWORD: tulip99, until October", "tulip99"),
    ("# old: SMTP_PASSWORD=tulip", "tulip"),
    ("The sandbox's key is `API_KEY=tulip99`.", "tulip99"),
    ("Password: Tulip99!", "Tulip99!"),
    ("| password | `tulip` | secret: `a81c-99x` |", "a81c-99x"),
    ("The replica is at postgres://reader:tulip99@replica.internal/app", "tulip99"),
]
PROGRAM = [
    ('SECRET_KEY = "a81c-tulip"', "a81c-tulip"),
    ("    token: str = 'a81c-tulip-9'".replace("token: str =", "token ="), "a81c-tulip-9"),
    ('client = connect(password="tulip99")', "tulip99"),
]
QUIET_SETTINGS = [
    "    command: bundle exec puma -p $PORT",
    "    command: DATABASE_PASSWORD=$DB_PASSWORD bin/work",
    "    command: bin/work --password $DB_PASSWORD --token=${API_TOKEN}",
    "    command: bin/work --password-file /run/secrets/db --token-ttl 3600",
    "    ready: curl -fs -u $USER:$PASSWORD localhost/up",
    "    command: docker run -u 1000:1000 app",
    "    stop: {signal: TERM, timeout: 30s}",
    "runtimes: {ruby: 3.3.5, nodejs: 20.11.0}",
    "tags: {environment: Environment, service: Service, process: Process}",
    f"image: registry.example.com/app@sha256:{chance(HEX, 64)}",
    "SESSION_KEY: ENC[AES256_GCM,data:" + chance(ALL, 40) + ",iv:" + chance(ALL, 43) + "=,tag:x,type:str]",
    "password: see 1password",
]
QUIET_PROSE = [
    "# The token: ask Ann for one.",
    "# password: required",
    "Password: ask Ann, she has it in the vault.",
    "| `DB_PASSWORD` | string | the password of the database |",
    "Set `API_TOKEN` to a token of yours, `SECRET_KEY_BASE` to what `rails secret` prints.",
    "`STRIPE_SECRET_KEY`: `sk_test_xxxxxxxxxxxxxxxxxxxxxxxx`",
    "See https://github.com/acme/app/commit/" + chance(HEX, 40),
    "The secret: it never works at once.",
    "![logo](data:image/png;base64," + chance(ALL, 200) + ")",
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5" + chance(ALL, 44) + " ann@example.com",
    "Use `git+https://user:<password>@host/repo.git`.",
    "The class is GoogleCloudRunServiceAccountTokenCreatorForReports.",
    "postgres://app:app@localhost/app is what a laptop has.",
]
QUIET_PROGRAM = [
    "    DB_PASSWORD: Secret | None = None",
    "    SECRET_KEY_BASE: LongSecret",
    "        if not self.PAYMENTS_KEY.get_secret_value().startswith('sandbox-'):",
    '    previous_key: Secret | None = Field(default=None, alias="LINK_SIGNING_KEY.bkp")',
    'raise ValueError("SMTP_PASSWORD is needed where SMTP_HOST is set")',
    "password = settings.password",
    'PASSWORD = "password"',
]


@pytest.mark.parametrize(
    ("syntax", "line", "secret"),
    [
        *(("settings", *row) for row in SETTINGS),
        *(("prose", *row) for row in PROSE),
        *(("program", *row) for row in PROGRAM),
    ],
)
def test_a_secret_is_found_at_its_place(syntax: text.Syntax, line: str, secret: str) -> None:
    leak = find_leak(line, syntax)
    assert leak is not None
    assert line[leak.column - 1 : leak.column - 1 + leak.length] == secret
    assert secret not in f"{leak.name} {leak.reason}"


@pytest.mark.parametrize(
    ("syntax", "line"),
    [
        *(("settings", line) for line in QUIET_SETTINGS),
        *(("prose", line) for line in QUIET_PROSE),
        *(("program", line) for line in QUIET_PROGRAM),
    ],
)
def test_a_line_about_secrets_is_no_secret(syntax: text.Syntax, line: str) -> None:
    leak = find_leak(line, syntax)
    assert leak is None or line[leak.column - 1 : leak.column - 1 + leak.length] == ""


@pytest.mark.parametrize("row", [*VENDORS, *ADDRESSES], ids=lambda row: row.text[:8])
@pytest.mark.parametrize("before", ["# see ", "- `", "    command: run "])
def test_what_a_value_would_be_is_found_in_a_sentence_too(row: tuple[str, str], before: str) -> None:
    line = row[1].split("\n")[0]
    assert find_leak(f"{before}{line}", "prose") is not None


def test_what_is_armoured_is_passed_over_but_for_private_keys() -> None:
    body = chance(ALL, 64)
    certificate = f"-----BEGIN CERTIFICATE-----\n{body}\n-----END CERTIFICATE-----\nDB_PASSWORD=tulip99\n"
    assert [(each.line, each.name) for each in find_leaks(certificate)] == [(4, "DB_PASSWORD")]
    key = certificate.replace("CERTIFICATE", "PRIVATE" + " KEY")
    assert [each.line for each in find_leaks(key)] == [1, 4]


@pytest.mark.parametrize(
    ("written", "lines", "unexplained"),
    [
        ("A: b   # envtree: not-secret, made up\n", {1}, 0),
        ("# envtree: not-secret, made up\nA: b\n", {2}, 0),
        ("A: b # envtree: not-secret\n", {1}, 1),
        ("A: b # envtree: not-secret,  \n", {1}, 1),
        ("a `b` <!-- envtree: not-secret, made up -->\n", {1}, 0),
        ("a `b` <!-- envtree: not-secret -->\n", {1}, 1),
        ("A: b # envtree: not-secrets, made up\n", set(), 0),
        ("A: not-secret\n", set(), 0),
    ],
)
def test_a_comment_quiets_its_line_or_the_next(written: str, lines: set[int], unexplained: int) -> None:
    found = quietings(written)
    assert ({each.quiets for each in found}, sum(not each.has_reason for each in found)) == (lines, unexplained)


PATTERNS = [
    pattern
    for module in (addresses, names, shapes, text, values)
    for each in vars(module).values()
    for pattern in (each if isinstance(each, tuple) else (each,))
    if isinstance(pattern, re.Pattern)
]
SEARCHED = [
    shapes._KNOWN,
    *text._LOGIN,
    text._ASSIGNED,
    text._FLAG,
    text._TOKEN,
    text._ARMOUR,
    *addresses._WITHOUT_SCHEME,
]
SEARCHED += [addresses._URL, addresses._PARAMETER, addresses._KEYWORD, addresses._CONNECTION]
MAX_WIDTH = 13_000
PIECES = [
    "a",
    "aB1",
    "://",
    "a://b:c",
    "eyJ",
    "eyJabcdefghijk.",
    "AKIA",
    "?token=",
    "a=b ",
    "password=",
    "user:",
    "@",
    "a:b@",
    "-u ",
]
PIECES += [
    "curl ",
    "mysql ",
    "-----BEGIN ",
    "ENC[",
    "base64,",
    "'",
    '"',
    "`",
    "A: ",
    "#",
    "token: ",
    "x/y@",
    "Server=",
    ";",
    "sl.",
]


def test_no_pattern_that_searches_can_take_more_than_so_many_letters() -> None:
    """What is bounded at each place takes time in proportion to the text: no two unbounded repetitions can compete."""
    assert len(SEARCHED) > 15
    widths = {pattern.pattern[:40]: re._parser.parse(pattern.pattern).getwidth()[1] for pattern in SEARCHED}  # type: ignore[attr-defined]
    assert {head: width for head, width in widths.items() if width > MAX_WIDTH} == {}


@pytest.mark.parametrize("letters", [16_000, pytest.param(131_000, marks=pytest.mark.soak, id="the longest")])
@pytest.mark.parametrize("piece", PIECES)
def test_a_long_line_is_searched_whatever_it_holds(piece: str, letters: int) -> None:
    """What looks at each letter again and again would take hours."""
    line = piece * (letters // len(piece))
    for syntax in ("settings", "prose", "program"):
        find_leak(line, syntax)
    judge("DB_PASSWORD", line)
    judge("X", f"https://{line}")


@pytest.mark.parametrize("piece", PIECES)
def test_twice_the_text_takes_twice_the_work(piece: str) -> None:
    assert_in_proportion(lambda size: find_leak(piece * (size // len(piece)), "settings"), 8000)


@given(st.text(st.sampled_from(string.ascii_letters + string.digits + " :=@/'\"#-_.;"), max_size=120))
def test_a_place_is_within_its_line_and_no_reason_holds_the_secret(line: str) -> None:
    for leak in find_leaks(line):
        assert 1 <= leak.column <= len(line)
        assert leak.column - 1 + leak.length <= len(line)
        found = line[leak.column - 1 : leak.column - 1 + leak.length]
        assert len(found) < 8 or found not in leak.reason


@given(st.text(max_size=60), st.text(max_size=200))
def test_any_variable_is_judged(name: str, value: str) -> None:
    judgement = judge(name, value)
    assert (judgement.certainty == "plain") == (judgement.reason == "")
