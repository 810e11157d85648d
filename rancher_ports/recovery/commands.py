"""Commands of the AWS command line, for what is left to a person."""

from __future__ import annotations

from collections.abc import Sequence

from rancher_ports.readers.described import DescribedRule


def delete_group(id_: str, region: str | None) -> str:
    """The command that deletes a security group."""
    return f"aws ec2 delete-security-group --group-id {id_}{_in(region)}"


def show_users(id_: str, region: str | None) -> str:
    """The command that lists the network interfaces with a security group."""
    return f"aws ec2 describe-network-interfaces --filters Name=group-id,Values={id_}{_in(region)}"


def revoke_rules(rules: Sequence[DescribedRule], region: str | None) -> str:
    """The command that revokes rules of one group and one direction, at least one."""
    identity, ids = rules[0].identity, " ".join(rule.id for rule in rules)
    return (
        f"aws ec2 revoke-security-group-{identity.direction} --group-id {identity.group_id} "
        f"--security-group-rule-ids {ids}{_in(region)}"
    )


def _in(region: str | None) -> str:
    return f" --region {region}" if region else ""
