"""Where Heroku's API is, and the token to ask it with."""

from pathlib import Path

import pytest

from envtree.core.model.diagnostic import Diagnostic, EnvtreeError
from envtree.migration.heroku.login import HEROKU, Login, find_login
from tests.heroku_api import TOKEN

KEY = {"HEROKU_API_KEY": TOKEN}


def refusal(environ: dict[str, str], home: str = "") -> Diagnostic:
    """Why there is no login, in words that don't hold the token."""
    with pytest.raises(EnvtreeError) as refused:
        find_login(environ, home)
    (diagnostic,) = refused.value.diagnostics
    assert diagnostic.code == "heroku-login"
    assert "canary" not in repr(refused.value) + repr(diagnostic)
    return diagnostic


def netrc(folder: Path, text: str) -> str:
    """A home with such a file."""
    (folder / ".netrc").write_text(text)
    return str(folder)


def test_a_login_never_shows_its_token() -> None:
    login = Login(HEROKU, TOKEN)
    assert TOKEN not in repr(login)
    assert TOKEN not in str(login)
    assert TOKEN not in f"{login}"


@pytest.mark.parametrize(
    ("environ", "url"),
    [
        ({}, HEROKU),
        ({"HEROKU_API_URL": "", "HEROKU_HOST": ""}, HEROKU),
        ({"HEROKU_HOST": "heroku.com"}, HEROKU),
        ({"HEROKU_HOST": "https://api.example.com"}, "https://api.example.com"),
        ({"HEROKU_API_URL": "https://api.example.com/", "HEROKU_HOST": "x.com"}, "https://api.example.com"),
        ({"HEROKU_API_URL": "HTTPS://API.example.com"}, "https://api.example.com"),
        ({"HEROKU_API_URL": "https://api.example.com:8443"}, "https://api.example.com:8443"),
        ({"HEROKU_API_URL": "http://127.0.0.1:5000"}, "http://127.0.0.1:5000"),
        ({"HEROKU_API_URL": "http://127.8.9.10:5000"}, "http://127.8.9.10:5000"),
        ({"HEROKU_API_URL": "http://[::1]:5000"}, "http://[::1]:5000"),
        ({"HEROKU_API_URL": "http://[::ffff:127.0.0.1]:5000"}, "http://[::ffff:127.0.0.1]:5000"),
        ({"HEROKU_HOST": "http://localhost:5000"}, "http://localhost:5000"),
    ],
)
def test_the_place_is_an_origin(environ: dict[str, str], url: str) -> None:
    assert find_login({**KEY, **environ}, "") == Login(url, TOKEN, "`HEROKU_API_KEY`")


@pytest.mark.parametrize(
    "url",
    [
        "http://api.heroku.com",
        "http://128.0.0.1",
        "http://localhost.example.com",
        "http://127.0.0.1.example.com",
        "ftp://127.0.0.1",
        "https://me:canary@api.heroku.com",
        "https://canary@api.heroku.com",
        "https://api.heroku.com/v3",
        "https://api.heroku.com//",
        "https://api.heroku.com?canary",
        "https://api.heroku.com#x",
        "https://api.heroku.com:99999",
        "https://api.heroku.com:x",
        "https://api.heroku .com",
        "https://api.heroku.com\n",
        "https://äpi.heroku.com",
        "https://",
        "https://[::1",
        "https://][::1",
        "http://example.com[::1]",
        "http://[::1]example.com",
        "http://[::1].example.com:80",
        "api.heroku.com",
        "file:///etc/passwd",
    ],
)
def test_a_place_where_a_token_must_not_go_is_refused(url: str) -> None:
    assert "`HEROKU_API_URL` is no" in refusal({**KEY, "HEROKU_API_URL": url}).message


@pytest.mark.parametrize("host", ["heroku.com/x", "canary@evil.com", "http://heroku.com", "x y"])
def test_a_host_is_held_to_the_same(host: str) -> None:
    assert "`HEROKU_HOST` is no" in refusal({**KEY, "HEROKU_HOST": host}).message


@pytest.mark.parametrize(
    "token", [f"{TOKEN} ", f"{TOKEN}\n", f" {TOKEN}", f"{TOKEN}\x00", f"{TOKEN}ä", "canary canary"]
)
def test_a_token_that_no_header_can_carry_is_refused(token: str) -> None:
    assert "is no token" in refusal({"HEROKU_API_KEY": token}).message


def test_the_environment_comes_before_netrc(tmp_path: Path) -> None:
    home = netrc(tmp_path, "machine api.heroku.com login me password other\n")
    assert find_login(KEY, home).token == TOKEN
    assert find_login({"HEROKU_API_KEY": ""}, home).token == "other"


def test_netrc_is_asked_for_the_host_alone(tmp_path: Path) -> None:
    home = netrc(tmp_path, f"machine git.heroku.com login me password x\nmachine 127.0.0.1 login me password {TOKEN}\n")
    login = find_login({"HEROKU_API_URL": "http://127.0.0.1:5000"}, home)
    assert (login.token, login.source) == (TOKEN, f"`{tmp_path}/.netrc`")
    assert refusal({}, home).message == "there is no token for Heroku"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "default login me password canary\n",
        "machine api.heroku.com login me\n",
        'machine api.heroku.com login me password ""\n',
    ],
)
def test_a_netrc_without_the_machine_gives_no_token(tmp_path: Path, text: str) -> None:
    assert refusal({}, netrc(tmp_path, text)).message == "there is no token for Heroku"


@pytest.mark.parametrize("text", ["machine api.heroku.com login me password\n\ncanary canary\n", "canary\n"])
def test_a_netrc_that_is_none_is_named_with_its_line(tmp_path: Path, text: str) -> None:
    found = refusal({}, netrc(tmp_path, text))
    assert found.message.startswith(f"`{tmp_path}/.netrc` can't be read: its line ")


def test_a_netrc_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / ".netrc").write_bytes(b"machine api.heroku.com login me password \xff\n")
    assert refusal({}, str(tmp_path)).message == f"`{tmp_path}/.netrc` can't be read: it is not UTF-8"


@pytest.mark.parametrize("home", ["", "/dev/null", "/nowhere", "a\0b"])
def test_no_home_is_no_netrc(home: str) -> None:
    assert refusal({}, home).message == "there is no token for Heroku"


def test_a_netrc_that_is_a_folder_or_a_device_is_none(tmp_path: Path) -> None:
    (tmp_path / ".netrc").symlink_to("/dev/null")
    assert refusal({}, str(tmp_path)).message == "there is no token for Heroku"


def test_who_has_no_token_is_told_how_to_get_one() -> None:
    found = refusal({"HEROKU_API_TOKEN": "canary"}, "/nowhere")
    assert "`HEROKU_API_TOKEN` is set, which is not read" in found.notes
    assert "`export HEROKU_API_KEY=$(heroku auth:token)`" in found.help
    assert "`heroku authorizations:create -s read-protected -e 86400`" in found.help


def test_a_host_that_is_called_default_gets_no_default(tmp_path: Path) -> None:
    home = netrc(tmp_path, "default login me password canary\n")
    assert refusal({"HEROKU_API_URL": "https://default"}, home).message == "there is no token for Heroku"
