"""What each option and argument of a verb takes, and its help; the one file that makes options of the library's.

A verb names them in its annotations, which stay text until the library wants them.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from typer import Argument, Option

from envtree.cli.argv import PLAIN
from envtree.cli.complete import (
    complete_code,
    complete_name,
    complete_name_of_scope,
    complete_scope,
    complete_service,
    complete_target,
)
from envtree.core.runit.defaults import OUT

# What every verb may have.

Color = Literal["auto", "always", "never"]
Folder = Annotated[str, Option(*PLAIN["Folder"], metavar="DIR", help="Work on the tree that DIR lies in.")]
Ref = Annotated[
    str | None,
    Option("--ref", metavar="REV", help="Read a commit, branch or tag, not the files.", show_default=False),
]
Staged = Annotated[bool, Option(*PLAIN["Staged"], help="Read the index: what would be committed.")]
NoSchemas = Annotated[
    bool, Option(*PLAIN["NoSchemas"], help="Read the tree's schemas, and don't run them: it is a stranger's.")
]
Sealed = Annotated[
    Literal["open", "require", "skip"] | None,
    Option(
        "--sealed",
        help="Open the sealed layers that a key is here for, or require all keys, or skip them; under CI: require.",
        show_default="open",
    ),
]
Quiet = Annotated[bool, Option(*PLAIN["Quiet"], help="Say nothing but what is wrong.")]
Verbose = Annotated[bool, Option("-v", "--verbose", help="Say more: a line for each process or node.")]
ColorOption = Annotated[Color, Option("--color", help="When to paint; NO_COLOR is honoured.")]
Maximum = Annotated[int, Option("--max", min=0, metavar="N", help="Show the first N problems (0: all).")]
Reveal = Annotated[bool, Option("--reveal", help="Show hidden values too.")]

# Which processes.


def _targets(metavar: str, help_text: str) -> Any:
    """Return an argument that shells complete with targets."""
    return Argument(metavar=metavar, help=help_text, autocompletion=complete_target, show_default=False)


Selectors = Annotated[
    list[str] | None,
    _targets("[SELECTOR]...", "Targets by prefix or glob: production, production/accounts, '*/accounts/*'."),
]
OneTarget = Annotated[
    str,
    _targets("TARGET", "environment/service/process"),
]
ExportedTarget = Annotated[
    str,
    _targets("TARGET", "environment/service/process; for `heroku`, environment/service"),
]
OneName = Annotated[str, Argument(metavar="NAME", help="A variable.", autocompletion=complete_name, show_default=False)]
AnyName = Annotated[str, Argument(metavar="[NAME]", help="One variable.", show_default=False)]
AnyCode = Annotated[
    str | None,
    Argument(metavar="[CODE]", help="A diagnostic, such as `unknown-variable`.", autocompletion=complete_code),
]
Before = Annotated[
    str,
    _targets("A", "A selector, REV:selector, REV..REV, dir:OUT, file:X.json or live:PID."),
]
After = Annotated[
    str | None,
    _targets("[B]", "The other side (the files, if left out); behind a range, a selector."),
]

# How an answer is written.

AnswerFormat = Annotated[Literal["text", "json"], Option("--format", "-f", help="How the answer is written.")]
StatusFormat = Annotated[Literal["table", "json"], Option("--format", "-f", help="How what runs is written.")]
ReportFormat = Literal["text", "short", "json", "github", "sarif"]
ProblemsFormat = Annotated[ReportFormat, Option("--format", "-f", help="How problems are written.")]
FindingsFormat = Annotated[ReportFormat, Option("--format", "-f", help="How findings are written.")]
ShowFormat = Annotated[
    Literal["table", "json", "dotenv", "shell"], Option("--format", "-f", help="How variables are written.")
]
DiffFormat = Annotated[
    Literal["text", "json", "markdown"], Option("--format", "-f", help="How differences are written.")
]
ExportFormat = Annotated[
    Literal["dotenv", "systemd", "docker", "kubernetes", "shell", "json", "heroku"],
    Option("--format", "-f", help="Who is to read it.", show_default=False),
]
HerokuFormat = Annotated[
    Literal["table", "json", "markdown"], Option("--format", "-f", help="How differences are written.")
]
ProgressFormat = Annotated[Literal["table", "json"], Option("--format", "-f", help="How the ledger is written.")]
Stat = Annotated[bool, Option("--stat", help="Count them, a line a process.")]
NameOnly = Annotated[bool, Option("--name-only", help="Only which variable of which process.")]

# Of one verb or two: build, rollback, verify, schema, init.

NewOut = Annotated[
    str, Option("--out", "-o", metavar="OUT", help="The output folder; made if missing.", show_default=False)
]
Keep = Annotated[int, Option("--keep", min=1, metavar="N", help="Keep the newest N generations, and the one replaced.")]
Mode = Annotated[str, Option("--mode", metavar="MODE", help="The mode of files, in octal.")]
Owner = Annotated[
    str,
    Option(
        "--owner", metavar="USER[:GROUP]", help="Who owns the values; all else stays the builder's.", show_default=False
    ),
]
DryRun = Annotated[bool, Option("--dry-run", help="Show the plan; write nothing.")]
Repair = Annotated[
    bool, Option("--repair", help="Read back what is there, and write anew what is not as it was built.")
]
OutArgument = Annotated[
    str | None, Argument(metavar="[OUT]", help="An output folder that `envtree build` made.", show_default=False)
]
OutOption = Annotated[
    str | None,
    Option("--out", "-o", metavar="OUT", help="The same; ENVTREE_OUT names one as well.", show_default=False),
]
To = Annotated[
    str | None, Option("--to", metavar="NAME", help="A generation, by the start of its name.", show_default=False)
]
Generation = Annotated[
    str | None, Option("--generation", metavar="NAME", help="Another one than the current.", show_default=False)
]
SchemaOut = Annotated[
    str | None,
    Option("--out", "-o", metavar="OUT", help="Another folder than .envtree/schema.", show_default=False),
]
Check = Annotated[
    bool, Option("--check", help="Show what is not up to date; write nothing. Exit code 1 if anything is.")
]
OneService = Annotated[
    str, Argument(metavar="SERVICE", help="A service.", autocompletion=complete_service, show_default=False)
]
CodeLanguage = Annotated[
    Literal["python", "typescript", "go", "ruby"],
    Option("--lang", "-l", help="The language of the code.", show_default=False),
]
CodeOut = Annotated[
    str | None, Option("--out", "-o", metavar="FILE", help="The file; left out: standard output.", show_default=False)
]
CheckCode = Annotated[bool, Option("--check", help="Show how the file differs; write nothing. Exit code 1 if it does.")]
NewTree = Annotated[str, Argument(metavar="[DIR]", help="Where to start the tree.")]
Boot = Annotated[bool, Option("--boot", help="Write DIR/boot instead: a unit of systemd and a service of runit.")]
SecretsRules = Annotated[
    bool, Option("--secrets", help="Write `.sops.yaml` for the tree in DIR instead: for whom secrets are sealed.")
]
NewKey = Annotated[bool, Option("--new-key", help="With --secrets: make a key of your own, and say where it lies.")]
Recipients = Annotated[
    list[str] | None,
    Option("--recipient", metavar="[ENVIRONMENT=]KEY", help="With --secrets: who opens them; repeatable."),
]
BootOut = Annotated[
    str | None,
    Option("--out", "-o", metavar="OUT", help=f"Where the machines have the output [{OUT}]."),
]

# Of exec, export, explain, history and lint.

TreeFolder = Annotated[
    str | None,
    Option(*PLAIN["TreeFolder"], metavar="DIR", help="Work on the tree that DIR lies in.", show_default=False),
]
BuiltOut = Annotated[
    str | None,
    Option(
        *PLAIN["BuiltOut"],
        metavar="OUT",
        help="Read what `envtree build` made, not a tree; ENVTREE_OUT names one as well.",
        show_default=False,
    ),
]
Command = Annotated[
    list[str], Argument(metavar="-- CMD...", help="The command, with options of its own.", show_default=False)
]
KeepNames = Annotated[
    list[str] | None,
    Option("--keep", metavar="NAME", help="Keep a variable of this shell; may be repeated.", show_default=False),
]
RevealOnTerminal = Annotated[bool, Option("--reveal", help="Show hidden values on a terminal too.")]
NoBlame = Annotated[bool, Option("--no-blame", help="Don't ask git who wrote each line.")]
Newest = Annotated[int, Option("-n", "--max-count", min=0, metavar="N", help="Show the newest N commits (0: all).")]
Since = Annotated[
    str, Option("--since", metavar="DATE", help="Leave out what is older, as `git log` does.", show_default=False)
]
RunOldSchemas = Annotated[
    bool, Option("--run-old-schemas", help="Run the schemas of older commits too, not only those of the first.")
]
Fix = Annotated[bool, Option("--fix", help="Remove the lines that change nothing.")]
Leaks = Annotated[
    bool, Option(*PLAIN["Leaks"], help="Look only for secrets; with `--staged`, in what a commit would change.")
]
OnlyDeprecated = Annotated[
    bool, Option("--deprecated", help="Show only who still sets a deprecated variable, and what nobody needs any more.")
]

# Of set and unset.

ScopeArgument = Annotated[
    str,
    Argument(
        metavar="SCOPE",
        help="One layer: common, production, '*/accounts', production/accounts, '*/accounts/web'.",
        autocompletion=complete_scope,
        show_default=False,
    ),
]
Assignments = Annotated[
    list[str],
    Argument(
        metavar="NAME=VALUE...",
        help="NAME= is the empty text; NAME or NAME=- asks for the value, or reads standard input.",
        autocompletion=complete_name_of_scope,
        show_default=False,
    ),
]
Unset = Annotated[
    list[str],
    Argument(metavar="NAME...", help="Variables.", autocompletion=complete_name_of_scope, show_default=False),
]
ValueFile = Annotated[
    str | None,
    Option("--file", metavar="FILE", help="The value of the one NAME without `=`, exactly.", show_default=False),
]
OneScope = Annotated[
    str | None,
    Argument(
        metavar="[SCOPE]",
        help="One layer, as `envtree set` names it; all of them if left out.",
        autocompletion=complete_scope,
        show_default=False,
    ),
]
Also = Annotated[
    list[str] | None,
    Option("--also", metavar="NAME", help="Seal a variable that no schema declares `Secret`; repeatable."),
]
Clear = Annotated[bool, Option("--clear", help="Write a `Secret` in clear, where everyone who has the tree reads it.")]
DryRunOfEdit = Annotated[bool, Option("--dry-run", help="Show what would change; write nothing.")]
Force = Annotated[bool, Option("--force", help="Write even if the tree becomes invalid, and show what is wrong.")]
InheritValue = Annotated[bool, Option("--inherit", help="Let the value of a wider layer come back.")]
RemoveValue = Annotated[bool, Option("--remove", help="Write `!unset`: no wider layer's value either.")]
