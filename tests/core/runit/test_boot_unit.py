"""What starts the processes with a machine: any output folder stays one word, whoever reads it."""

from __future__ import annotations

import shlex
import subprocess
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envtree.core.runit.boot_unit import startup_files

if TYPE_CHECKING:
    from pathlib import Path

SCRIPTS = sorted(path for path, text in startup_files("/etc/envtree").items() if text.startswith("#!"))
FOLDERS = st.text(st.characters(codec="ascii", exclude_categories=["Cc"]), min_size=1).map("/srv/{}".format)


def line_of(text: str, start: str) -> str:
    (found,) = (line for line in text.splitlines() if line.startswith(start))
    return found


@given(FOLDERS)
def test_the_shell_gets_the_output_as_one_word(out: str) -> None:
    line = line_of(startup_files(out)["runit/envtree/run"], "exec envtree boot")
    assert shlex.split(line) == ["exec", "envtree", "boot", "--foreground", "--keep-going", "--out", out]


@pytest.mark.parametrize("script", SCRIPTS)
def test_each_script_is_one_that_sh_can_read(script: str, tmp_path: Path) -> None:
    (tmp_path / "script").write_text(startup_files("/srv/it's here")[script])
    subprocess.run(["sh", "-n", tmp_path / "script"], check=True)


def test_a_plain_output_stands_as_it_is() -> None:
    files = startup_files("/etc/envtree")
    assert (
        line_of(files["systemd/envtree.service"], "ExecStart=")
        == "ExecStart=envtree boot --foreground --keep-going --out /etc/envtree"
    )
    assert line_of(files["systemd/envtree.service"], "RequiresMountsFor=") == "RequiresMountsFor=/etc/envtree"


def test_systemd_takes_no_sign_of_the_output_for_its_own() -> None:
    unit = startup_files("/srv/50% $HOME")["systemd/envtree.service"]
    assert line_of(unit, "ExecStart=") == 'ExecStart=envtree boot --foreground --keep-going --out "/srv/50%% $$HOME"'
    assert line_of(unit, "RequiresMountsFor=") == 'RequiresMountsFor="/srv/50%% $HOME"'
