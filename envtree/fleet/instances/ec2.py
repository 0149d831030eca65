"""EC2 asked for instances, page by page, by boto3: region and credentials are from where AWS's own tools have them."""

from __future__ import annotations

from envtree.core.model.diagnostic import Diagnostic, EnvtreeError
from envtree.core.render.mask import from_outside
from envtree.fleet.instances.machine import Machine, instances_of

LONGEST = 200
INSTALL = "install it: `pip install 'envtree[aws]'`; or `aws ec2 describe-instances | envtree fleet --input -`"
PAGE = 1000
"""The instances of one answer: the most that EC2 gives."""
STATES = ("pending", "running", "stopping", "stopped")


def describe_instances(region: str | None, profile: str | None) -> tuple[Machine, ...]:
    """Return all instances, even without our tags, which may be misspelt; raises EnvtreeError without an answer."""
    try:
        import boto3
        from botocore.exceptions import BotoCoreError, ClientError
    except ImportError:
        message = "EC2 is asked with the library `boto3`, which is not installed"
        raise EnvtreeError(Diagnostic("unreadable-tags", message, help=INSTALL)) from None
    states = [{"Name": "instance-state-name", "Values": list(STATES)}]
    try:
        client = boto3.Session(profile_name=profile, region_name=region).client("ec2")
        pages = client.get_paginator("describe_instances").paginate(Filters=states, PaginationConfig={"PageSize": PAGE})
        return tuple(each for page in pages for each in instances_of(page))
    except (BotoCoreError, ClientError) as error:
        message = f"EC2 doesn't answer: {from_outside(str(error), LONGEST)}"
        advice = "the policy needs `ec2:DescribeInstances`; `--region` and `--profile` name other than the default ones"
        raise EnvtreeError(Diagnostic("unreadable-tags", message, help=advice)) from None
