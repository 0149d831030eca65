"""The options of verbs of the wings: fleet, machine, Heroku and other files that are imported; see options.py."""

from __future__ import annotations

from typing import Annotated, Literal

from typer import Argument, Option

from envtree.cli.argv import PLAIN, VARIABLES
from envtree.cli.options import _targets

# Of a fleet.

FleetAnswer = Annotated[
    str | None,
    Option("--input", metavar="FILE", help="Read what DescribeInstances answered (-: standard input), not EC2."),
]
EachInstance = Annotated[bool, Option("--instances", help="Show each machine, not each group.")]
Region = Annotated[str | None, Option("--region", metavar="NAME", help="Ask EC2 in a region.", show_default=False)]
Profile = Annotated[
    str | None, Option("--profile", metavar="NAME", help="Ask EC2 with a profile of AWS's tools.", show_default=False)
]

# Of a machine.

MachineOut = Annotated[
    str,
    Option(
        "--out",
        "-o",
        metavar="OUT",
        envvar=VARIABLES["MachineOut"],
        help="What `envtree build` made.",
        show_default=False,
    ),
]
Runtime = Annotated[
    str,
    Option(*PLAIN["Runtime"], metavar="DIR", envvar=VARIABLES["Runtime"], help="The runtime folder of this machine."),
]
KeepGoing = Annotated[
    bool, Option(*PLAIN["KeepGoing"], help="Leave up what comes up, where something else doesn't.", show_default=False)
]
Foreground = Annotated[
    bool, Option(*PLAIN["Foreground"], help="Stay, look after it all, and bring it down at TERM.", show_default=False)
]
RoleSelector = Annotated[
    str,
    Option(
        *PLAIN["RoleSelector"],
        metavar="SELECTOR",
        envvar=VARIABLES["RoleSelector"],
        help="What the machine is for; no tags.",
        show_default=False,
    ),
]
Tags = Annotated[str, Option("--tags", metavar="FILE", help="A DescribeTags answer (`-`: stdin).", show_default=False)]
Wait = Annotated[float, Option("--wait", min=0.1, metavar="SECONDS", help="How long to wait for the metadata service.")]
ReadyTimeout = Annotated[
    float | None,
    Option(
        "--timeout",
        min=0.1,
        metavar="SECONDS",
        help="How long each process may take to be ready, whatever it says itself.",
        show_default=False,
    ),
]
Restarted = Annotated[
    list[str] | None, Argument(metavar="[SELECTOR]...", help="What to restart, stale or not.", show_default=False)
]
Reloaded = Annotated[
    list[str] | None, Argument(metavar="[SELECTOR]...", help="What to reload; all that can.", show_default=False)
]
Watch = Annotated[bool, Option(*PLAIN["Watch"], help="Show it again every two seconds, until ctrl-C.")]
AtOnce = Annotated[bool, Option("--at-once", help="Stop all of them before any starts.")]
RollBack = Annotated[
    bool, Option("--rollback", help="Bring what isn't ready back on the values and scripts that it had before.")
]
Json = Annotated[bool, Option("--json", help="The same as `--format json`.")]

# Of Heroku.

Deployments = Annotated[
    list[str] | None,
    _targets("[SELECTOR]...", "Parts of the tree: production, production/accounts, '*/accounts'."),
]
Snapshot = Annotated[
    str | None,
    Option(
        "--snapshot",
        metavar="PATH",
        help="Read a snapshot, or a folder of saved `heroku config --json`, not the API.",
        show_default=False,
    ),
]
AddonSnapshot = Annotated[
    str | None,
    Option(
        "--snapshot",
        metavar="PATH",
        help="With `--format heroku`: leave out what add-ons set, as this snapshot says.",
        show_default=False,
    ),
]
SnapshotFile = Annotated[
    str, Argument(metavar="FILE", help="A new file, outside of any repository.", show_default=False)
]
Base = Annotated[
    str | None,
    Option("--base", metavar="PATH", help="An older snapshot: tell who changed what since.", show_default=False),
]
Ours = Annotated[
    list[str] | None,
    Option(
        "--ours", metavar="NAME", help="In a conflict, keep what the tree has; may be repeated.", show_default=False
    ),
]
Theirs = Annotated[
    list[str] | None,
    Option(
        "--theirs", metavar="NAME", help="In a conflict, take what Heroku has; may be repeated.", show_default=False
    ),
]
LastImport = Annotated[
    str | None,
    Option("--base", metavar="PATH", help="The snapshot that was imported last.", show_default=False),
]
DynoEnvironment = Annotated[
    str | None,
    Option("--runtime", metavar="FILE", help="What `env -0` printed in a dyno of one app.", show_default=False),
]
RevealOne = Annotated[
    str, Option("--reveal", metavar="NAME", help="Show the values of this one variable.", show_default=False)
]
Confirm = Annotated[
    bool, Option("--confirm", help="With `--runtime`: note in envtree.yaml the processes that get what the dyno has.")
]
Gate = Annotated[
    str,
    Option("--gate", metavar="SERVICE", help="List what is left of production/accounts alone.", show_default=False),
]
Owned = Annotated[bool, Option("--owned", help="List those that add-ons set and that differ.")]
Skip = Annotated[
    list[str] | None, Option("--skip", metavar="APP", help="Leave out an app; may be repeated.", show_default=False)
]
Team = Annotated[str, Option("--team", metavar="NAME", help="Only the apps of a team.", show_default=False)]
ReviewConfig = Annotated[
    bool, Option("--review-config", help="Also read what each pipeline gives its review apps, as `PIPELINE/review`.")
]
Timeout = Annotated[
    float, Option("--timeout", min=0.1, metavar="SECONDS", help="How long to wait for one answer, tries included.")
]

# Of other files that are imported.

DotenvFiles = Annotated[
    list[str], Argument(metavar="FILE...", help="Files such as .env.production.", show_default=False)
]
Procfile = Annotated[str, Argument(metavar="FILE", help="A Procfile.", show_default=False)]
AppJsonFile = Annotated[str, Argument(metavar="FILE", help="An app.json.", show_default=False)]
Reader = Annotated[
    Literal["any", "dotenv", "docker"],
    Option("--reader", help="Who reads the files today; `any`: what all readers agree on."),
]
ForService = Annotated[
    str, Option("--service", metavar="NAME", help="The service; the tree's only one.", show_default=False)
]
ForEnvironments = Annotated[
    list[str] | None,
    Option("--environment", metavar="NAME", help="The environment; may be repeated.", show_default=False),
]
PlanOnly = Annotated[bool, Option("--plan", help="Only show what would be done.")]
Write = Annotated[bool, Option("--write", help="Write, also into a tree that has content.")]
