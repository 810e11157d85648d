"""Which security groups that exist are the ones that a plan would make anew."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from rancher_ports.model.addresses import GROUP_TYPE
from rancher_ports.model.names import UNIQUE_SUFFIX_LENGTH
from rancher_ports.model.roles import DIRECTIONS
from rancher_ports.model.tags import group_key
from rancher_ports.readers.described import DescribedGroup, DescribedRule
from rancher_ports.readers.plan import Plan, PlannedResource
from rancher_ports.recovery.commands import delete_group, revoke_rules, show_users
from rancher_ports.recovery.result import Import, Leftover

# What the AWS provider puts after a name_prefix: the time in UTC, to a ten-thousandth of a second, and a
# counter in hexadecimal (helper/id of the Terraform plugin SDK). A name that ends otherwise is not taken for
# one made of the prefix: on import the provider would find another prefix in it, and replace the group.
_SUFFIX = re.compile(f"[0-9A-Fa-f]{{{UNIQUE_SUFFIX_LENGTH}}}")
_TIME = re.compile("([0-9]{14})[0-9]{4}[0-9A-Fa-f]{8}")


@dataclass(frozen=True, slots=True)
class GroupDecisions:
    """What becomes of the groups.

    Args:
        imported: by address, the group that the state is to know there.
        made: addresses at which apply makes a group of ours that does not exist yet.
        regions: where groups are, by id, as far as EC2 says.
        leftovers: what is left for a person.
    """

    imported: Mapping[str, DescribedGroup]
    made: frozenset[str]
    regions: Mapping[str, str | None]
    leftovers: tuple[Leftover, ...]

    def imports(self) -> tuple[Import, ...]:
        """The groups to import."""
        return tuple(Import(address, group.id, described(group)) for address, group in self.imported.items())


def decide_groups(
    plan: Plan,
    groups: Iterable[DescribedGroup],
    rules: Iterable[DescribedRule],
    former_owners: frozenset[str] = frozenset(),
) -> GroupDecisions:
    """Compare the groups that a plan makes with those that exist and that the state does not know.

    Args:
        plan: what Terraform is about to do.
        groups: what EC2 has.
        rules: what EC2 has on them; those of an orphan are named with it.
        former_owners: whose groups count as the plan's as well.
    """
    known = plan.known(GROUP_TYPE)
    by_id = {group.id: group for group in groups}
    strays = [group for id_, group in by_id.items() if group.key is not None and id_ not in known]
    owners = _Owners(former_owners)
    planned = plan.of_type(GROUP_TYPE)
    candidates = {
        group.address: [stray for stray in strays if owners.could_be(stray, group, group.after)]
        for group in planned
        if group.is_new
    }
    claims = [stray.id for some in candidates.values() for stray in some]
    # Blocks that are in place are written again, so that the file can be, too.
    imported = {
        group.address: by_id.get(group.importing, DescribedGroup(group.importing, "", None, {}))
        for group in planned
        if group.importing and group_key(group.after.get("tags"))
    }
    leftovers: list[Leftover] = []
    for group in planned:
        found = candidates.get(group.address, [])
        if not found:
            leftovers += [_renamed(group, stray) for stray in strays if owners.could_be_renamed(stray, group)]
        elif "vpc_id" in group.unknown:
            leftovers.append(_unknown_vpc(group, found))
        elif len(found) == 1 and claims.count(found[0].id) == 1:
            imported[group.address] = found[0]
        else:
            leftovers.append(_ambiguous(group, found))
    alike = {stray.id: [group for group in planned if owners.made_for(stray, group)] for stray in strays}
    orphans = {stray.id: stray for stray in strays if alike[stray.id] and stray.id not in claims}
    # EC2 deletes no group that another's rule names, and orphans name each other.
    naming = [rule for rule in rules if {rule.identity.group_id, rule.identity.peer} <= set(orphans)]
    leftovers += [_orphan(orphan, alike[orphan.id], naming) for orphan in orphans.values()]
    made = frozenset(
        group.address
        for group in planned
        if group.creates and group_key(group.after.get("tags")) and not candidates.get(group.address)
    )
    regions = {id_: group.region for id_, group in by_id.items()}
    return GroupDecisions(imported, made, regions, tuple(leftovers))


def described(group: DescribedGroup) -> str:
    """A group as people tell it from others: its name, and when Terraform made it."""
    match = _TIME.fullmatch(group.name[-UNIQUE_SUFFIX_LENGTH:])
    try:
        made = datetime.strptime(match[1], "%Y%m%d%H%M%S").replace(tzinfo=UTC) if match else None
    except ValueError:
        made = None
    return f"{group.name}, made {made:%Y-%m-%d %H:%M:%S} UTC" if made else group.name


@dataclass(frozen=True, slots=True)
class _Owners:
    """Whether a group that exists looks like one of a plan, which depends on whose it may be.

    Args:
        former: owners whose groups count as those of the plan's.
    """

    former: frozenset[str]

    def could_be(self, stray: DescribedGroup, group: PlannedResource, values: Mapping[str, object]) -> bool:
        """Whether a group that exists looks like one with these values, be its VPC known or not."""
        return _is_named_like(stray, values) and self._is_tagged_like(stray, group, values)

    def could_be_renamed(self, stray: DescribedGroup, group: PlannedResource) -> bool:
        """Whether only the owner tells a group that exists from one that the plan makes."""
        anybody = _Owners(frozenset({stray.key.owner} if stray.key else ()))
        return group.is_new and anybody.could_be(stray, group, group.after)

    def made_for(self, stray: DescribedGroup, group: PlannedResource) -> bool:
        """Whether a group may have been made for an address, under whatever name: a replacement changes it."""
        return any(
            self._is_tagged_like(stray, group, values)
            for values in (group.before, group.after)
            if values.get("vpc_id") is not None
        )

    def _is_tagged_like(self, stray: DescribedGroup, group: PlannedResource, values: Mapping[str, object]) -> bool:
        key = group_key(values.get("tags"))
        return (
            key is not None
            and stray.key is not None
            and stray.key.role == key.role
            and stray.key.owner in {key.owner, *self.former}
            and values.get("vpc_id") in (None, stray.vpc_id)
            and (stray.region is None or group.region in (None, stray.region))
        )


def _is_named_like(stray: DescribedGroup, values: Mapping[str, object]) -> bool:
    prefix = values.get("name_prefix")
    if isinstance(prefix, str) and prefix:
        # Not any name that begins so: the prefix of one deployment may be the beginning of another's.
        return stray.name.startswith(prefix) and _SUFFIX.fullmatch(stray.name[len(prefix) :]) is not None
    return stray.name == values.get("name")


def _listed(groups: Iterable[DescribedGroup]) -> str:
    return ", ".join(f"{group.id} ({described(group)})" for group in sorted(groups, key=lambda group: group.name))


def _ambiguous(group: PlannedResource, found: Iterable[DescribedGroup]) -> Leftover:
    return Leftover(
        "ambiguous-group",
        group.address,
        f"{group.address} may be any of {_listed(found)}.",
        f'Put {{"to": {json.dumps(group.address)}, "id": "sg-..."}} with the right id into the list "import" of '
        "import.tf.json, plan again, and run this command on that plan: it finds that group's rules.",
    )


def _renamed(group: PlannedResource, stray: DescribedGroup) -> Leftover:
    owner = stray.key.owner if stray.key else ""
    return Leftover(
        "former-owner",
        stray.id,
        f"{stray.id} ({described(stray)}) is like {group.address}, but its owner is {owner}.",
        f"If it is from before a renaming of the prefix, run this command again with `--former-owner {owner}`.",
    )


def _unknown_vpc(group: PlannedResource, found: Iterable[DescribedGroup]) -> Leftover:
    # Imported into another VPC's address, a group in use would be replaced at once, and its rules with it.
    return Leftover(
        "unknown-vpc",
        group.address,
        f"{group.address} may be {_listed(found)}, but the plan does not know yet in which VPC it is to be.",
        "Import the VPC first, if it exists (terraform import), plan again, and run this command on that plan.",
    )


def _orphan(stray: DescribedGroup, alike: Sequence[PlannedResource], naming: Iterable[DescribedRule]) -> Leftover:
    of_stray = [rule for rule in naming if rule.identity.group_id == stray.id != rule.identity.peer]
    by_direction = [[rule for rule in of_stray if rule.identity.direction == direction] for direction in DIRECTIONS]
    revoking = ", ".join(f"`{revoke_rules(rules, stray.region)}`" for rules in by_direction if rules)
    first = f"revoke its rules that name other orphans ({revoking}), then " if revoking else ""
    named = [group for group in alike if any(_is_named_like(stray, values) for values in (group.before, group.after))]
    if named:
        code, what = "orphan-group", f"looks like {named[0].address}, for which the state has another group"
    else:
        code, what = "other-group", f"has the tags of {alike[0].address} and another name, and is not in the state"
    return Leftover(
        code,
        stray.id,
        f"{stray.id} ({described(stray)}) {what}.",
        # EC2 refuses to delete a group in use, but not to revoke its rules, which would cut its nodes off.
        f"If no other deployment has it, and no network interface (`{show_users(stray.id, stray.region)}`), "
        f"{first}remove it: `{delete_group(stray.id, stray.region)}`. "
        f"If interfaces have it, it is the one in use, and not the one in the state: take that one away "
        f"(`terraform destroy -target={alike[0].address}`), plan again, and run this command on that plan.",
    )
