"""Which groups that exist are which roles', and whose group each becomes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from rancher_ports.errors import Fault, Faults, InputError, nearest, one_of
from rancher_ports.model.adopting import ADOPTABLE
from rancher_ports.model.roles import CLUSTER_ROLES, NODES, GroupKey
from rancher_ports.readers.described import DescribedGroup, DescribedRule
from rancher_ports.settings import DEFAULT_PREFIX

# The group that Rancher makes for nodes which it creates on EC2, unless it is given others
# (rancher/machine@1a3c2784 drivers/amazonec2/amazonec2.go, defaultSecurityGroup): all nodes have it.
DRIVER_GROUP = "rancher-nodes"


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody says of one group.

    Args:
        roles: the roles whose nodes have it, in the order given; ``nodes`` for a group of all nodes with no ports of
            its own.
        group: its id or its name.
    """

    roles: tuple[str, ...]
    group: str


@dataclass(frozen=True, slots=True)
class Assignment:
    """A group that exists, and whose it becomes.

    Args:
        group: as EC2 has it.
        roles: the roles whose nodes have it.
        becomes: the role whose group it becomes; ``nodes`` where nodes of all roles of a cluster have it.
    """

    group: DescribedGroup
    roles: tuple[str, ...]
    becomes: str

    def key(self, owner: str) -> GroupKey:
        """The key that it gets."""
        return GroupKey(owner, self.becomes)


def read_wish(text: str) -> Wish:
    """What ``--role`` says: ``etcd=sg-...``, ``etcd,controlplane=masters``.

    Raises:
        InputError: it is not of the form, names no role, or one twice.
    """
    names, equals, group = text.partition("=")
    roles = tuple(name.strip() for name in names.split(","))
    faults = Faults()
    if not equals or not group.strip():
        faults.add("--role", text, "ROLE[,ROLE...]=GROUP, such as etcd,controlplane=sg-0123456789abcdef0")
    else:
        for role in dict.fromkeys(roles):
            if role not in ADOPTABLE:
                faults.add("--role", role, one_of(ADOPTABLE), nearest(role, ADOPTABLE))
            elif roles.count(role) > 1:
                faults.add("--role", text, "each role once")
        if NODES in roles and len(roles) > 1:
            faults.add("--role", text, f"{NODES} alone, for a group of all nodes that opens no documented port")
    faults.raise_any()
    return Wish(roles, group.strip())


def assign(wishes: Sequence[Wish], groups: Iterable[DescribedGroup]) -> tuple[Assignment, ...]:
    """The groups that are meant, in the order of the wishes.

    Args:
        wishes: what was said; nothing for the group of the amazonec2 driver alone.
        groups: the groups that exist.

    Raises:
        InputError: with a fault for each group that there is not or several times, or that was named twice; roles
            that have two groups; or groups of several VPCs, regions or accounts.
    """
    groups = tuple(groups)
    if not wishes:
        wishes = [Wish(CLUSTER_ROLES, DRIVER_GROUP)]
        if not any(group.name == DRIVER_GROUP for group in groups):
            others = ", ".join(f"{one.id} ({one.name})" for one in groups if one.key is None)
            there = f", but {others}" if others else ""
            raise InputError([Fault("--role", "nothing", f"whose group is which: no {DRIVER_GROUP} was found{there}")])
    faults = Faults()
    found: list[Assignment] = []
    for wish in wishes:
        some = [group for group in groups if wish.group in (group.id, group.name)]
        if len(some) == 1:
            found.append(Assignment(some[0], wish.roles, _becomes(wish.roles)))
        elif some:
            faults.add("--role", wish.group, f"an id, since there are {', '.join(group.id for group in some)}")
        else:
            names = [name for group in groups for name in (group.id, group.name)]
            faults.add("--role", wish.group, "a group that there is, by id or name", nearest(wish.group, names))
    _check_each_once(found, faults)
    for what, values in _alike(found).items():
        if len(values) > 1:
            faults.add("--role", ", ".join(values), f"groups of one {what}: each has a stack of its own")
    faults.raise_any()
    return tuple(found)


def _becomes(roles: tuple[str, ...]) -> str:
    return NODES if set(CLUSTER_ROLES) <= set(roles) else roles[0]


def _check_each_once(found: Iterable[Assignment], faults: Faults) -> None:
    by_role: dict[str, str] = {}
    seen: set[str] = set()
    for one in found:
        if one.group.id in seen:
            faults.add("--role", one.group.id, "each group once, with all its roles: etcd,controlplane=GROUP")
        seen.add(one.group.id)
        for role in dict.fromkeys((*one.roles, one.becomes)):
            if by_role.setdefault(role, one.group.id) != one.group.id:
                faults.add("--role", role, f"one group for a role; {by_role[role]} is {role}'s already")


def _alike(found: Iterable[Assignment]) -> Mapping[str, list[str]]:
    return {
        "VPC": sorted({one.group.vpc_id or "none" for one in found}),
        "region": sorted({one.group.region for one in found if one.group.region is not None}),
        "account": sorted({one.group.account for one in found if one.group.account is not None}),
    }


def check_place(assignments: Iterable[Assignment], vpc_id: object, region: object) -> None:
    """Refuse groups that are elsewhere than the app.

    Args:
        assignments: the groups.
        vpc_id: the VPC in the settings; None where they name none, which the groups' own takes the place of.
        region: the region in the settings, likewise.

    Raises:
        InputError: with a fault for each group.
    """
    faults = Faults()
    for one in assignments:
        for what, here, there in (("VPC", vpc_id, one.group.vpc_id), ("region", region, one.group.region)):
            if None not in (here, there) and here != there:
                faults.add(one.group.id, there, f"a group of the settings' {what}, {here}")
    faults.raise_any()


def check_peers(assignments: Iterable[Assignment], document: Mapping[str, object]) -> None:
    """Refuse settings that know a group by its id that rules would know by its role: one rule would be written twice.

    Args:
        assignments: the groups.
        document: the settings so far, as they stand under ``rancher_ports``.

    Raises:
        InputError: with a fault for each peer with such an id, and each other role for which one is brought.
    """
    becomes = {one.group.id: one.becomes for one in assignments}
    accounts = {one.group.account for one in assignments if one.group.account is not None}
    faults = Faults()
    for name, peer in entries(document.get("peers")).items():
        account, slash, id_ = str(entries(peer).get("security_group_id")).partition("/")
        if slash and account in accounts:
            # Rules would not be known as the ones that are there.
            faults.add(f"peers.{name}.security_group_id", f"{account}/{id_}", f"{id_}: the account is the groups' own")
        if (role := becomes.get(str(entries(peer).get("security_group_id")))) is not None:
            allowed = (
                f"no name for the group that becomes {role}'s: take it out, and have kept rules name {role} instead"
            )
            faults.add(f"peers.{name}", entries(peer).get("security_group_id"), allowed)
    for role, group in entries(document.get("groups")).items():
        id_ = str(entries(group).get("security_group_id"))
        if becomes.get(id_, role) != role:
            faults.add(f"groups.{role}", id_, f"a group that is not adopted for {becomes[id_]}")
    faults.raise_any()


def check_unique(
    assignments: Iterable[Assignment], groups: Iterable[DescribedGroup], document: Mapping[str, object]
) -> None:
    """Refuse a group for a role that has one by our app already, which an import would not touch, but replace.

    Args:
        assignments: the groups.
        groups: what EC2 has.
        document: the settings so far, with a prefix.

    Raises:
        InputError: with a fault for each group.
    """
    groups, owner = tuple(groups), str(document.get("prefix", DEFAULT_PREFIX))
    faults = Faults()
    for one in assignments:
        name = entries(entries(document.get("adopted")).get(one.becomes)).get("name", one.group.name)
        for other in groups:
            roles = [role for role in dict.fromkeys((one.becomes, *one.roles)) if other.key == GroupKey(owner, role)]
            roles += [one.becomes] if other.name == name and not roles else []
            if roles and other.id != one.group.id and other.vpc_id == one.group.vpc_id:
                allowed = (
                    f"a group for another role: the app has {other.id} ({other.name}) for {roles[0]}, "
                    "which would be replaced. Have nodes move to that one; or destroy that one first"
                )
                faults.add("--role", f"{roles[0]}={one.group.id}", allowed)
    faults.raise_any()


def entries(value: object) -> Mapping[str, object]:
    """What stands in a part of settings that have been, or will be, checked; nothing where it is no mapping."""
    return value if isinstance(value, Mapping) else {}


def check_complete(assignments: Iterable[Assignment], rules: Iterable[DescribedRule]) -> None:
    """Refuse rules that are not all rules of the groups: what is not known would be made a second time.

    Args:
        assignments: the groups.
        rules: their rules.

    Raises:
        InputError: with a fault for each group that has more or fewer.
    """
    rules = tuple(rules)
    faults = Faults()
    for one in assignments:
        there = sum(rule.identity.group_id == one.group.id for rule in rules)
        if one.group.permissions is not None and there != one.group.permissions:
            allowed = f"all rules of {one.group.id}: the answer on the group has {one.group.permissions} of them"
            faults.add("SecurityGroupRules", f"{there} rules of {one.group.id}", allowed)
    faults.raise_any()
