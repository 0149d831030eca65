"""The scripts of one target's service folder: plain sh for human readers, each with a comment on its origin.

runsv(8) documents what runsv does with each script; docs/explanation/runit.md has what was observed.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from envtree.core.runit.runtimes import runtime_folders
from envtree.core.runit.shell import quoted, shell_for, single_quoted, with_exec

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from envtree.core.model.tree import Process, Project, Service, Target

PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
"""The PATH of a process where the tree sets none. It is the only variable that the machine provides."""
CHECK_SECONDS = 10
_ROOT = ("root", "0")
_TREE = "[ -e tree ] && tree=tree || tree=../../.. # what the launcher pinned, or where this folder stands"
_CHPST = "chpst=$(command -v chpst) # by its path: the tree may set a PATH that doesn't lead to it"
_SHARED = f"{_TREE}\n. $tree/supervision.sh"
_FORWARDED = {
    **{"h": "HUP", "i": "INT", "q": "QUIT", "a": "ALRM", "1": "USR1", "2": "USR2"},
    **{"p": "STOP all", "c": "CONT all"},
}
"""The signals of `sv` besides TERM and KILL, by runsv's letters; `all` sends it to the shell in front as well."""


def service_files(
    target: Target,
    service: Service,
    process: Process,
    project: Project,
    values: Mapping[str, str | None],
    owner: str = "",
) -> Mapping[str, str]:
    """Return the scripts of a target by their path in its service folder.

    `values` are its variables, and `owner` is the user that the files with them are given to, if any.
    """
    return _Scripts(target, service, process, project, values, owner).files()


def has_shell_in_front(process: Process) -> bool:
    """Return whether a shell stays in front of what a process runs."""
    return with_exec(process.command) is None


class _Scripts:
    """Makes all scripts of one target."""

    def __init__(
        self,
        target: Target,
        service: Service,
        process: Process,
        project: Project,
        values: Mapping[str, str | None],
        owner: str,
    ) -> None:
        self.target = target
        self.service = service
        self.process = process
        self.shell = shell_for(values)
        # Whoever owns values may change them: LD_PRELOAD would load into chpst, a link would show another file.
        self.owner = "" if owner in ("", *_ROOT) else owner
        self.is_own_users = self.owner == service.user.partition(":")[0] if service.user else False
        self.has_path = values.get("PATH", "") is not None
        self.has_shell_in_front = has_shell_in_front(process)
        self.seconds = max(1, math.ceil(process.stop_timeout))  # to timeout(1), 0 is no limit
        self.folders = runtime_folders(project.runtimes_directory, project.runtimes, service.runtimes)
        self.required = _required(target.environment, service, project) if service.requires else ()

    def files(self) -> dict[str, str]:
        """Return all scripts, by path."""
        process = self.process
        files = {"run": self.run(), "finish": self.finish(), "control/k": self.kill(), "log/run": self.log()}
        if process.ready is not None:
            files["check"] = self.check(process.ready)
        if process.before_stop is not None or process.stop_signal != "TERM" or self.has_shell_in_front:
            files["control/t"] = self.stop()
        if self.has_shell_in_front:
            files |= {f"control/{letter}": self.forward(signal) for letter, signal in _FORWARDED.items()}
        return files

    def run(self) -> str:
        """Return `run`, which becomes the process."""
        command = with_exec(self.process.command)
        fronted = (f"trap exit {self.process.stop_signal}",) if self.has_shell_in_front else ()
        lines = [_SHARED, f"end_survivor {self.seconds}", "back_off"]
        if self.folders:
            lines.append(f"installed {' '.join(map(quoted, self.folders))}")
        if self.required:
            lines.append(f"await {' '.join(self.required)}")
        lines += [
            "record",
            *self.chpst(),
            f"exec {self.within('-P', command or self.process.command, fronted)}",
        ]
        return self.script("starts", lines)

    def finish(self) -> str:
        """Return `finish`, which runs after the process: it ends what is left of it, then runs hooks."""
        process, words = self.process, '"$1" "$2"'
        lines = [_SHARED, 'known && end "$1"', f"note_end {words} && unasked=1"]
        hooks = []
        if process.after_stop is not None:
            hooks += [
                "# after_stop, with the same two words",
                self.hook("after_stop", process.after_stop, f" after_stop {words}"),
            ]
        if process.on_failure is not None:
            often = f"often {process.failures} {math.ceil(process.failure_window)}"
            call = self.hook("on_failure", process.on_failure, f' on_failure {words} "$times"')
            hooks += [f'if [ -n "$unasked" ] && {often}; then', call, "fi"]
        if hooks:
            lines += [*self.chpst(), *hooks, "end_jobs"]
        return self.script("has ended: $1 is its exit code, or -1; $2 the signal that ended it, or 0", lines)

    def stop(self) -> str:
        """Return `control/t`, for processes where TERM to the process alone is not enough."""
        lines = [_SHARED, "known && lives || exit 1 # it hasn't started: runsv ends what is starting it"]
        if self.process.before_stop is not None:
            lines += [*self.chpst(), self.hook("before_stop", self.process.before_stop, "")]
        signal = self.process.stop_signal
        lines += [*((f"pass {signal} all", "pass CONT all") if self.has_shell_in_front else (f"tell {signal}",)), _OWN]
        return self.script("is to stop", lines)

    def kill(self) -> str:
        """Return `control/k`, which kills the whole session: runsv would kill only its leader."""
        return self.script(
            "is killed, with all that it started",
            [_SHARED, "known && session || exit 1", "kill -s KILL -- $left", _OWN],
        )

    def forward(self, signal: str) -> str:
        """Return a script that sends a signal to what runs behind the shell in front."""
        return self.script(f"gets {signal.split()[0]}", [_SHARED, "known && lives || exit 1", f"pass {signal}"])

    def check(self, command: str) -> str:
        """Return `check`, which succeeds when the process is ready."""
        line = f"exec timeout -k 1 {CHECK_SECONDS} {self.within('', with_exec(command) or command)}"
        # Before anything else: sv runs it with its standard output closed.
        lines = [_TREE, *self.chpst(), _IN_CHECKS, line]
        return self.script("is ready where this succeeds", lines, "exec >/dev/null 2>&1")

    def log(self) -> str:
        """Return `log/run`: svlogd, in a folder that nobody but its owner may write to; boot makes the folder."""
        log = self.service.log
        folder = quoted(f"{log.directory}/{self.target.service}/{self.target.process}")
        owner, _, _ = log.owner.partition(":")
        user = "chpst $as " if log.owner else ""
        number = owner if owner.isdigit() else f'"$(id -u{" " if owner else ""}{quoted(owner) if owner else ""})"'
        lines = [
            "# what goes wrong here goes to runsvdir, which shows it in ps(1)",
            f"# The folder is made by `envtree boot`: mode {log.mode:04o}, and in `config`: s{log.size} n{log.count}.",
            f"cd {folder} || exit 111",
            f"case $(stat -c %u%A .) in {number}d????-??-?) ;; *)",
            f"  echo 'envtree: not only its owner may write in' {folder}",
            "  exit 111 ;;",
            "esac",
            *((_as(log.owner),) if log.owner else ()),
            f"exec env -i PATH={PATH} {user}svlogd -tt . # where it has been looked at, whatever its path is by now",
        ]
        return self.script("writes its log", lines, "exec 1>&2")

    def hook(self, name: str, command: str, arguments: str) -> str:
        """Return a command that runs beside the process, for at most the time that the process may take to stop."""
        what = self.within("", with_exec(command) or command)
        return f"hook {name} {self.seconds} timeout -k 1 {self.seconds} {what}{arguments}"

    def within(self, options: str, command: str, before: tuple[str, ...] = ()) -> str:
        """Return a command that runs as the target's user, with its envdirs from the widest to the narrowest."""
        environment, service, _ = str(self.target).split("/")
        user = "$as" if self.service.user else ""
        first = f" $chpst {user}" if self.is_own_users else ""
        innermost = " ".join(each for each in ("$chpst", options, "" if first else user) if each)
        lines = [
            f"cd {quoted(self.service.directory or '/')} || exit 111",
            *((f"export PATH={quoted(':'.join(self.folders))}{':$PATH' * self.has_path}",) if self.folders else ()),
            *before,
            command,
        ]
        script = "\n".join(lines)
        return (
            f"env -i PATH={PATH}{first} \\\n"
            "  $chpst -e $tree/common/env \\\n"
            f"  $chpst -e $tree/{environment}/env \\\n"
            f"  $chpst -e $tree/{environment}/{service}/env \\\n"
            f"  {innermost} -e $tree/{self.target}/env \\\n"
            f"  {self.shell} -c {single_quoted(script)}"
        )

    def chpst(self) -> tuple[str, ...]:
        """Return the lines before a command with the envdirs: root reads none that another user may change."""
        lines = (_CHPST, _as(self.service.user)) if self.service.user else (_CHPST,)
        if self.is_own_users:
            return (*lines, "tree=$(readlink -e $tree) # the user reads its own values, and can't enter this folder")
        if not self.owner:
            return lines
        words = f"envtree: the values belong to {self.owner}: root starts nothing with them"
        return (*lines, f'[ "$(id -u)" != 0 ] || {{ echo {single_quoted(words)}; exit 111; }}')

    def script(self, what: str, lines: Iterable[str], output: str = "exec 2>&1") -> str:
        """Return a script with comments on its purpose and its origin."""
        head = ("#!/bin/sh", f"# {self.target} {what}", f"# made by envtree from {self.process.span.file}")
        return "".join(f"{line}\n" for line in (*head, output, *lines))


_IN_CHECKS = "[ ! -e cgroup/check ] || echo 0 >cgroup/check/cgroup.procs # what it leaves ends with the process"
_OWN = '[ "$(cat supervise/pid 2>/dev/null)" = "$main" ] # else runsv ends what is starting it, too'


def _required(environment: str, service: Service, project: Project) -> tuple[str, ...]:
    """Return the processes that a service requires, as `SERVICE/PROCESS`."""
    names = sorted({name for name, _ in service.requires} & project.by_name.keys())
    required = [project.by_name[name] for name in names if environment in project.by_name[name].environments]
    return tuple(
        f"{each.name}/{process}" for each in required for process in sorted(process.name for process in each.processes)
    )


def _as(owner: str) -> str:
    """Return a line with the words by which chpst becomes a user: none for who is that user, and can become nobody."""
    become = f"as={quoted(f'-u {_user(owner)}')}"
    number = "" if owner[:1].isdigit() else "n"
    who = {0: f"$(id -u{number})", 1: f"$(id -u{number}):$(id -g{number})"}.get(owner.count(":"))
    if owner in _ROOT or who is None:
        return become
    return f'[ "{who}" = {quoted(owner)} ] && as= || {become}'


def _user(owner: str) -> str:
    """Return an owner in the form of `chpst -u`: numbers follow a colon."""
    return f":{owner}" if owner[:1].isdigit() else owner
