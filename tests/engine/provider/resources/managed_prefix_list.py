"""``aws_ec2_managed_prefix_list``: the calls of vpc_managed_prefix_list.go."""

from __future__ import annotations

from typing import Any

from botocore.exceptions import ClientError

from tests.engine.provider.resources.resource import Resource, as_tags, error_code, from_tags
from tests.engine.provider.values import UNKNOWN, Values


class ManagedPrefixList(Resource):
    """A prefix list of one's own."""

    legacy = True

    @classmethod
    def adjusted(cls, prior: Values | None, planned: Values) -> Values:
        """Other entries make another version; a description that is left out is an empty one."""
        planned = {**planned, "entry": [{**one, "description": one["description"] or ""} for one in planned["entry"]]}
        changed = prior is not None and _sorted(prior["entry"]) != _sorted(planned["entry"])
        return {**planned, "version": UNKNOWN} if changed else planned

    def create(self, planned: Values) -> Values:
        """CreateManagedPrefixList, with its entries."""
        request: Any = {
            "AddressFamily": planned["address_family"],
            "Entries": [_entry(entry) for entry in planned["entry"]],
            "MaxEntries": planned["max_entries"],
            "PrefixListName": planned["name"],
        }
        if planned["tags_all"]:
            tags = as_tags(planned["tags_all"])
            request["TagSpecifications"] = [{"ResourceType": "prefix-list", "Tags": tags}]
        id_ = self.ec2.create_managed_prefix_list(**request)["PrefixList"]["PrefixListId"]
        state = {**planned, "id": id_}
        return self.read(state) or state

    def read(self, state: Values) -> Values | None:
        """DescribeManagedPrefixLists, then GetManagedPrefixListEntries."""
        try:
            (found,) = self.ec2.describe_managed_prefix_lists(PrefixListIds=[state["id"]])["PrefixLists"]
        except ClientError as error:
            if error_code(error) == "InvalidPrefixListID.NotFound":
                return None
            raise
        entries = self.ec2.get_managed_prefix_list_entries(PrefixListId=state["id"])["Entries"]
        tags = from_tags(found.get("Tags", []))
        return {
            **state,
            "address_family": found["AddressFamily"],
            "arn": found["PrefixListArn"],
            "entry": [{"cidr": entry["Cidr"], "description": entry.get("Description", "")} for entry in entries],
            "max_entries": found["MaxEntries"],
            "name": found["PrefixListName"],
            "owner_id": found["OwnerId"],
            "region": self.ec2.meta.region_name,
            "tags": tags or (None if state.get("tags") is None else {}),
            "tags_all": tags,
            "version": found["Version"],
        }

    def update(self, prior: Values, planned: Values) -> Values:
        """ModifyManagedPrefixList: a larger size first, then name and entries, then a smaller size."""
        id_, size = planned["id"], planned["max_entries"]
        if size > prior["max_entries"]:
            self.ec2.modify_managed_prefix_list(PrefixListId=id_, MaxEntries=size)
        before, after = _sorted(prior["entry"]), _sorted(planned["entry"])
        if (before, prior["name"]) != (after, planned["name"]):
            request: Any = {"PrefixListId": id_, "PrefixListName": planned["name"]}
            if before != after:
                request["CurrentVersion"] = prior["version"]
                request["AddEntries"] = [_entry(entry) for entry in after if entry not in before]
                request["RemoveEntries"] = [{"Cidr": entry["cidr"]} for entry in before if entry not in after]
            self.ec2.modify_managed_prefix_list(**request)
        if size < prior["max_entries"]:
            self.ec2.modify_managed_prefix_list(PrefixListId=id_, MaxEntries=size)
        self.retag(id_, prior, planned)
        return self.read(planned) or planned

    def delete(self, state: Values) -> None:
        """DeleteManagedPrefixList."""
        try:
            self.ec2.delete_managed_prefix_list(PrefixListId=state["id"])
        except ClientError as error:
            if error_code(error) != "InvalidPrefixListID.NotFound":
                raise


def _entry(entry: Values) -> Any:
    described = {"Description": entry["description"]} if entry["description"] else {}
    return {"Cidr": entry["cidr"], **described}


def _sorted(entries: list[Values]) -> list[Values]:
    return sorted(entries, key=lambda entry: str(entry["cidr"]))
