"""Commands of the AWS command line, for what is left to a person."""

from __future__ import annotations

from rancher_ports.readers.described import DescribedRule


def delete_group(id_: str, region: str | None) -> str:
    """The command that deletes a security group."""
    return f"aws ec2 delete-security-group --group-id {id_}{_in(region)}"


def revoke_rule(rule: DescribedRule, region: str | None) -> str:
    """The command that revokes a rule."""
    identity = rule.identity
    return (
        f"aws ec2 revoke-security-group-{identity.direction} --group-id {identity.group_id} "
        f"--security-group-rule-ids {rule.id}{_in(region)}"
    )


def _in(region: str | None) -> str:
    return f" --region {region}" if region else ""
