"""What starts a machine's processes at boot and stops them at shutdown: a unit of systemd, or a service of runit.

Both call `envtree` without its folder and look for it where programs are installed, so that the files are the same
wherever they were written, and fit every machine that has a link to it there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from envtree.core.runit.scripts import PATH
from envtree.core.runit.shell import quoted

if TYPE_CHECKING:
    from collections.abc import Mapping

RETRY = 10
"""Seconds until `boot` is tried again: tags are often set after a machine has started."""

_UNIT = """\
# /etc/systemd/system/envtree.service, from `envtree init --boot`; then: systemctl enable envtree
# envtree must be in a folder that systemd searches, such as /usr/local/bin.

[Unit]
Description=The processes that this machine's tags name
# The tags come from the metadata service, by the network. What starts after it stops before it: a process that drains
# still has the network at shutdown.
Wants=network-online.target
After=network-online.target
# The output may lie on a disk of its own.
RequiresMountsFor={mount}

[Service]
# It stays, brings back a runsvdir that dies, and says how the machine is: `systemctl status envtree` shows that. It is
# started when all has come up, or has failed to: what doesn't come up hides nothing else, and runit tries it again.
Type=notify
ExecStart=envtree boot --foreground --keep-going --out {out}
# `systemctl reload envtree`: what is older than the output stops, and starts on it.
ExecReload=envtree restart
# It brings everything down itself, when it is told to end. This is for one that was killed: nothing may stay then.
ExecStopPost=envtree down -q
# Both keep to the time limits in service.yaml, and kill what overstays: no one else knows what a drain takes.
TimeoutStartSec=infinity
TimeoutStopSec=infinity
# To `boot` alone. The default would send TERM to every process at once, in no order, and past the signal and the
# before_stop of each.
KillMode=process
# The tags may be set after the machine has started.
Restart=on-failure
RestartSec={retry}
# It makes a group for each process below its own.
Delegate=yes
# Where memory runs out, the kernel ends a process, which is started again, and not what looks after all of them.
OOMPolicy=continue
OOMScoreAdjust=-900
# The machine is there for these processes: the default limit of tasks is for one service among many.
TasksMax=infinity
# As in a shell: `producer | head` ends.
IgnoreSIGPIPE=no

[Install]
WantedBy=multi-user.target
"""

_RUN = """\
#!/bin/sh
# /etc/sv/envtree/run, from `envtree init --boot`: starts what this machine's tags name, and stays with it
exec 2>&1
export PATH={path}
# Tried again, but not each second: the tags may be set after the machine has started.
[ ! -e supervise/again ] || {{ rm supervise/again && sleep {retry} >/dev/null 2>&1; }}
exec envtree boot --foreground --keep-going --out {out}
"""

_FINISH = """\
#!/bin/sh
# /etc/sv/envtree/finish, from `envtree init --boot`: stops what a `boot` that was killed has left
# runsv never kills it, so each process has the time that service.yaml gives it.
exec 2>&1
export PATH={path}
[ "$1" != 2 ] || : >supervise/again # it has started nothing
exec envtree down -q
"""

_LOG = """\
#!/bin/sh
# /etc/sv/envtree/log/run, from `envtree init --boot`: what `boot` and `down` said; each process has a log of its own
umask 0027
mkdir -p /var/log/envtree-boot && cd -P /var/log/envtree-boot || exit 111
# root writes only where nobody else may, and nobody else led it
case $(pwd -P):$(stat -c %u%A .) in /var/log/envtree-boot:"$(id -u)"d????-??-?) ;; *) exit 111 ;; esac
exec svlogd -tt .
"""

_SHUTDOWN = """\
#!/bin/sh
# /etc/runit/rc.shutdown, from `envtree init --boot`: stage 3 of Debian's runit runs it first where it is executable.
# Then `sv force-stop` waits 7 seconds for all services, too few for a process that drains.
exec sv -w 86400 stop /etc/service/envtree
"""


def startup_files(out: str) -> Mapping[str, str]:
    """Return the files by their path; `out` is the absolute path of the output folder on the machines."""
    word = quoted(out)
    return {
        "systemd/envtree.service": _UNIT.format(out=_word(out), mount=_path(out), retry=RETRY),
        "runit/envtree/run": _RUN.format(out=word, path=PATH, retry=RETRY),
        "runit/envtree/finish": _FINISH.format(path=PATH),
        "runit/envtree/log/run": _LOG,
        "runit/rc.shutdown": _SHUTDOWN,
    }


def _path(text: str) -> str:
    """Return a path in systemd's syntax, in which a `%` has no special meaning and a blank does not end the path."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%")
    return escaped if quoted(text) == text else f'"{escaped}"'


def _word(text: str) -> str:
    """Return a word of a command in systemd's syntax, in which a `$` has no special meaning either."""
    return _path(text).replace("$", "$$")
