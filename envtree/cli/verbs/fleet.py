"""`fleet`: the machines of each group, by their tags."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from envtree.cli.argv import WrongUsage
from envtree.cli.exitcode import NO, OK
from envtree.core.render.diagnostics import counted

if TYPE_CHECKING:
    from envtree.cli.groups import Display, TreeOrOutput
    from envtree.cli.options import Selectors, StatusFormat
    from envtree.cli.wing_options import EachInstance, FleetAnswer, Profile, Region


def fleet(
    selectors: Selectors = None,
    *,
    answer: FleetAnswer = None,
    instances: EachInstance = False,
    region: Region = None,
    profile: Profile = None,
    tree: TreeOrOutput,
    output_format: StatusFormat = "table",
    display: Display,
) -> int:
    """Show the machines of each group, by their tags.

    A group is what tags name: an environment, one of its services, or one process. EC2 is asked, or an answer of
    DescribeInstances is read. Machines whose tags name nothing are listed apart, with the tag that is wrong; then the
    exit code is 1.

    \b
    Examples:
      envtree fleet
      envtree fleet production/accounts --instances
      aws ec2 describe-instances | envtree fleet --input -
    """
    from datetime import UTC, datetime

    from envtree.fleet.commands.fleet import fleet as read
    from envtree.fleet.groups.json import as_json
    from envtree.fleet.groups.text import as_instances, as_table

    if answer is not None and (region or profile):
        raise WrongUsage("`--input` reads an answer as it is; leave out `--region` and `--profile`")
    tree.say_unrun(display)
    found = read(tree.folder, tree.out, tuple(selectors or ()), answer, region, profile, tree.revision)
    if output_format == "json":
        sys.stdout.write(as_json(found))
    else:
        sys.stdout.write((as_instances if instances else as_table)(found, datetime.now(UTC)))
    count = sum(len(each.instances) for each in found.groups)
    others = f"; {counted(found.others, 'machine has', 'machines have')} none of the tags" if found.others else ""
    wrong = f"; the tags of {counted(len(found.mistagged), 'machine')} name nothing" if found.mistagged else ""
    display.say(f"{counted(count, 'machine')} in {counted(len(found.groups), 'group')}{wrong}{others}")
    return NO if found.mistagged else OK
