"""The scripts of a service folder, whatever a service.yaml says: shells can read them, and take each word as it was."""

from __future__ import annotations

import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from envtree.core.model.tree import Environment, LogSettings, Process, Project, Service, Span, Target
from envtree.core.runit.launcher import launcher
from envtree.core.runit.scripts import service_files
from envtree.core.runit.shell import with_exec
from envtree.core.runit.supervision import TEXT

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

SPAN = Span("configs/accounts/service.yaml", 1, 1)
RUN = """\
#!/bin/sh
# production/accounts/web starts
# made by envtree from configs/accounts/service.yaml
exec 2>&1
[ -e tree ] && tree=tree || tree=../../.. # what the launcher pinned, or where this folder stands
. $tree/supervision.sh
end_survivor 10
back_off
installed /m/installs/node/20.1.0/bin
await db/main
record
chpst=$(command -v chpst) # by its path: the tree may set a PATH that doesn't lead to it
[ "$(id -un)" = accounts ] && as= || as='-u accounts'
exec env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \\
  $chpst -e $tree/common/env \\
  $chpst -e $tree/production/env \\
  $chpst -e $tree/production/accounts/env \\
  $chpst -P $as -e $tree/production/accounts/web/env \\
  /bin/sh -c 'cd /srv/accounts || exit 111
export PATH=/m/installs/node/20.1.0/bin:$PATH
exec bin/web --port $PORT'
"""


def files(service: Service, values: Mapping[str, str | None] | None = None) -> Mapping[str, str]:
    """The scripts of its first process, beside a database."""
    database = Service("db", SPAN, (Process("main", "db", SPAN),), ("production",))
    environment = Environment("production", "together", SPAN)
    project = Project((environment,), (service, database), runtimes_directory="/m")
    target = Target("production", service.name, service.processes[0].name)
    return service_files(target, service, service.processes[0], project, values or {})


def accounts(process: Process, **more: object) -> Service:
    return Service("accounts", SPAN, (process,), ("production",), **more)  # type: ignore[arg-type]


def test_a_check_can_be_asked_with_no_output_to_write_to_as_sv_does(tmp_path: Path) -> None:
    check = files(accounts(Process("web", "bin/web", SPAN, ready="true")))["check"]
    (tmp_path / "chpst").write_text("#!/bin/sh\n")  # in place of the envdirs and the command
    (tmp_path / "chpst").chmod(0o700)
    environ = {"PATH": f"{tmp_path}:/usr/bin:/bin"}
    done = subprocess.run(["/bin/sh", "-c", f"exec >&-\n{check}"], env=environ, capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")


def test_a_script_can_be_read_by_a_person() -> None:
    service = accounts(
        Process("web", "bin/web --port $PORT", SPAN),
        directory="/srv/accounts",
        user="accounts",
        runtimes=(("nodejs", "20.1.0"),),
        requires=(("db", SPAN),),
    )
    assert files(service)["run"] == RUN


ALWAYS = {"run", "finish", "control/k", "log/run"}
FORWARDED = {f"control/{letter}" for letter in "hiqa12pc"}


@pytest.mark.parametrize(
    ("process", "more"),
    [
        (Process("web", "bin/web", SPAN), set()),
        (Process("web", "bin/web", SPAN, ready="bin/check"), {"check"}),
        (Process("web", "bin/web", SPAN, stop_signal="INT"), {"control/t"}),
        (Process("web", "bin/web", SPAN, before_stop="bin/drain"), {"control/t"}),
        (Process("web", "bin/web", SPAN, after_stop="bin/tell"), set()),
        (Process("web", "bin/web | bin/log", SPAN), {"control/t", *FORWARDED}),
    ],
)
def test_a_folder_holds_what_its_process_needs(process: Process, more: set[str]) -> None:
    assert set(files(accounts(process))) == ALWAYS | more


@pytest.mark.parametrize(
    ("values", "shell", "path"),
    [
        ({"A": "b"}, "/bin/sh", ":$PATH"),
        ({"A.b": "c"}, "/bin/bash", ":$PATH"),
        ({"É": "c"}, "/bin/bash", ":$PATH"),
        ({"PATH": "/a"}, "/bin/sh", ":$PATH"),
        ({"PATH": None}, "/bin/sh", ""),
    ],
)
def test_the_shell_and_the_path_are_those_that_the_variables_ask_for(
    values: dict[str, str | None], shell: str, path: str
) -> None:
    run = files(accounts(Process("web", "bin/web", SPAN), runtimes=(("go", "1.22"),)), values)["run"]
    assert f"  {shell} -c '" in run
    assert f"\nexport PATH=/m/installs/go/1.22/bin{path}\n" in run


# Within what settings allow: no control characters, but for tabs and line ends in commands.
LETTERS = st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"])
NASTY = st.sampled_from([*"'\"\\`$&|;<>()#{}!* ~=", "$(", "'\\''", "-", "EOF", "//", "é", "\u202e"])
LINE = st.lists(NASTY | LETTERS, max_size=8).map("".join)
COMMAND = st.lists(NASTY | LETTERS | st.sampled_from("\t\n"), min_size=1, max_size=12).map("".join)
PATHS = LINE.map("/{}".format)
USERS = st.none() | st.sampled_from(["nobody", "a-b_c$", "nobody:x$:y", "1000:1000", "0:0"])


@st.composite
def services(draw: st.DrawFn) -> Service:
    """Any that a service.yaml can ask for."""
    process = Process(
        "web",
        draw(COMMAND),
        SPAN,
        draw(st.none() | COMMAND),
        1.0,
        draw(st.sampled_from(["TERM", "INT", "KILL"])),
        draw(st.sampled_from([0.0, 0.2, 30.0])),
        draw(st.none() | COMMAND),
        draw(st.none() | COMMAND),
    )
    log = LogSettings(
        draw(PATHS), 2048, 3, draw(st.sampled_from([0o700, 0o755])), draw(USERS.map(lambda user: user or ""))
    )
    runtimes = draw(st.sampled_from([(), (("nodejs", "20~1+a@b"),)]))
    directory = draw(st.none() | PATHS)
    return accounts(process, directory=directory, user=draw(USERS), runtimes=runtimes, log=log)


def faults(scripts: Iterable[str]) -> str:
    """What dash and bash find wrong with scripts, without running them."""
    with tempfile.TemporaryDirectory() as folder:
        for number, text in enumerate(scripts):
            (Path(folder) / str(number)).write_text(text)
        each = 'for each in *; do dash -n "$each"; bash -n "$each"; done 2>&1'
        return subprocess.run(["/bin/sh", "-c", each], cwd=folder, capture_output=True, text=True, check=False).stdout


def words(script: str) -> list[str]:
    """What the last command of a script is given, where root runs it."""
    start = script.index("env -i")
    become = "".join(f"{line}\n" for line in script[:start].splitlines() if "as=" in line)
    text = f"id() {{ echo root; }}\n{become}tree=T; chpst=C; set -- {script[start:]}"
    text += "\nprintf '%s\\0' \"$@\""
    done = subprocess.run(["/bin/dash", "-c", text], env={}, capture_output=True, check=True)
    return done.stdout.decode().split("\0")[:-1]


def wrong_with(service: Service) -> str:
    """What is wrong with the scripts of a service."""
    scripts = files(service)
    out = service.directory or "/out"
    if found := faults((*scripts.values(), launcher(out, Target("production", "accounts", "web"), 10))):
        return found
    process = service.processes[0]
    *before, inner = words(scripts["run"])
    command = with_exec(process.command) or f"trap exit {process.stop_signal}\n{process.command}"
    user = service.user and (f":{service.user}" if service.user[0].isdigit() else service.user)
    assert inner.endswith(f"\n{command}")
    assert ("-u" in before, user) == (True, before[before.index("-u") + 1]) if user else "-u" not in before
    cd = inner.partition(" || exit 111\n")[0].replace("cd ", "printf %s ", 1)
    done = subprocess.run(["/bin/dash", "-c", cd], env={}, capture_output=True, check=True)
    assert done.stdout.decode() == (service.directory or "/")
    return ""


@settings(max_examples=15)
@given(service=services())
def test_shells_can_read_the_scripts_of_any_service(service: Service) -> None:
    assert wrong_with(service) == ""


@pytest.mark.soak
@settings(max_examples=2000)
@given(service=services())
def test_shells_can_read_the_scripts_of_very_many_services(service: Service) -> None:
    assert wrong_with(service) == ""


def test_shells_can_read_what_the_scripts_share() -> None:
    assert faults([TEXT]) == ""
