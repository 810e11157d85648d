"""What our resources say of themselves: descriptions, tags; and what AWS takes of a user's tags."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from rancher_ports.errors import Faults, refuse
from rancher_ports.model.literals import is_literal
from rancher_ports.model.roles import GroupKey

# Constant: changing the description of a group replaces it.
GROUP_DESCRIPTION = "Managed by rancher-ports"

NAME_TAG = "Name"
OWN_PREFIX = "rancher-ports:"
ROLE_TAG = f"{OWN_PREFIX}role"
OWNER_TAG = f"{OWN_PREFIX}owner"
REQUIREMENT_TAG = f"{OWN_PREFIX}requirement"
# Of the groups of one node exactly one may carry it, or AWS's cloud controller refuses to choose (cloud-provider-aws,
# findSecurityGroupForInstance).
KUBERNETES_CLUSTER_TAG = "kubernetes.io/cluster/"

# EC2 API reference, Tag and CreateTags. Other AWS pages say 128 for a key; 127 suits both.
KEY_LENGTH = 127
VALUE_LENGTH = 256
_TAGS_A_RESOURCE = 50
_OWN_TAGS = 4  # of the group that has the most, nodes: Name, role, owner, the cluster's
TAGS_OF_A_USER = _TAGS_A_RESOURCE - _OWN_TAGS


def group_key(tags: object) -> GroupKey | None:
    """The owner and the role in a group's tags, or None if one of them is missing."""
    if not isinstance(tags, Mapping):
        return None
    owner, role = tags.get(OWNER_TAG), tags.get(ROLE_TAG)
    return GroupKey(owner, role) if isinstance(owner, str) and isinstance(role, str) else None


def check_tags(tags: object, place: str) -> None:
    """Refuse tags that AWS would refuse, or that are ours.

    Raises:
        InputError: with a fault for each tag concerned.
    """
    faults = Faults()
    if not isinstance(tags, Mapping):
        faults.add(place, tags, "a mapping from keys to texts")
        tags = {}
    if len(tags) > TAGS_OF_A_USER:
        faults.add(
            place, f"{len(tags)} tags", f"at most {TAGS_OF_A_USER}: AWS takes {_TAGS_A_RESOURCE}, {_OWN_TAGS} are ours"
        )
    for key, value in tags.items():
        if not isinstance(key, str) or not 1 <= len(key) <= KEY_LENGTH or not key.isprintable():
            faults.add(place, key, f"a key of 1 to {KEY_LENGTH} printable characters")
        elif key.lower().startswith("aws:"):
            faults.add(place, key, "a key that does not begin with aws:, which AWS keeps for itself")
        elif key == NAME_TAG or key.startswith(OWN_PREFIX):
            faults.add(place, key, f"a key that is not set by rancher-ports ({NAME_TAG} and {OWN_PREFIX}... are)")
        elif key.startswith(KUBERNETES_CLUSTER_TAG):
            allowed = "no tag for all groups that one group of a node may carry alone; kubernetes_cluster sees to that"
            faults.add(place, key, allowed)
        if not isinstance(value, str) or len(value) > VALUE_LENGTH or not value.isprintable():
            faults.add(f"{place}.{key}", value, f"a text of at most {VALUE_LENGTH} printable characters")
    faults.raise_any()


def check_number_of_tags(kept: Iterable[str], others: Iterable[str], place: str) -> None:
    """Refuse more tags than a resource can have.

    Args:
        kept: the keys of those that a group has.
        others: the keys of those that it gets besides ours.
        place: where they were found.

    Raises:
        InputError: there are too many together.
    """
    number = len({*kept, *others, NAME_TAG, ROLE_TAG, OWNER_TAG})
    if number > _TAGS_A_RESOURCE:
        raise refuse(place, f"{number} tags", f"at most {_TAGS_A_RESOURCE}, {NAME_TAG} and two more of ours among them")


def check_kept_tags(tags: object, place: str) -> None:
    """Refuse tags that no group can have had, or that are ours.

    Others' tags are kept as they are, that of a cluster among them.

    Raises:
        InputError: with a fault for each tag concerned.
    """
    faults = Faults()
    if not isinstance(tags, Mapping):
        faults.add(place, tags, "a mapping from keys to texts")
        tags = {}
    with faults.under(""):
        check_number_of_tags(tags, (), place)
    for key, value in tags.items():
        if key == "__proto__":
            faults.add(place, key, "a key that JavaScript does not take for something else")
        if not isinstance(key, str) or not 1 <= len(key) <= KEY_LENGTH + 1 or key.lower().startswith("aws:"):
            faults.add(place, key, f"a key of 1 to {KEY_LENGTH + 1} characters that does not begin with aws:")
        elif key.startswith(OWN_PREFIX):
            faults.add(place, key, f"a key that is not set by rancher-ports ({OWN_PREFIX}... are)")
        if not isinstance(value, str) or len(value) > VALUE_LENGTH:
            faults.add(f"{place}.{key}", value, f"a text of at most {VALUE_LENGTH} characters")
        if not all(is_literal(text) for text in (key, value) if isinstance(text, str)):
            faults.add(f"{place}.{key}", value, "a tag without ${ or %{, which Terraform reads as an expression")
    faults.raise_any()


def check_kubernetes_cluster(name: object, place: str) -> None:
    """Refuse what cannot be a cluster's name in the tag ``kubernetes.io/cluster/<name>``.

    Raises:
        InputError: empty, too long for a tag's key, or with characters that a tag cannot have.
    """
    most = KEY_LENGTH - len(KUBERNETES_CLUSTER_TAG)
    if not isinstance(name, str) or not re.fullmatch(r"[\w.:/=+\-@]+", name, re.ASCII) or len(name) > most:
        raise refuse(place, name, f"a cluster's name of 1 to {most} letters, digits and ._:/=+-@")


def requirement_tag(ids: Iterable[str]) -> str:
    """The ids of the requirements that a rule serves, as one tag value.

    Ids that do not fit are counted: ``a b +3``.
    """
    ids = tuple(ids)
    value = " ".join(ids)
    kept = len(ids)
    while len(value) > VALUE_LENGTH:
        kept -= 1
        value = " ".join([*ids[:kept], f"+{len(ids) - kept}"])
    return value
