"""What a resource has to be able to do."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, ClassVar

from botocore.exceptions import BotoCoreError, ClientError

from tests.engine.provider.values import Values

if TYPE_CHECKING:
    from mypy_boto3_ec2.client import EC2Client

# How a call to EC2 fails, retries included.
CallError = (BotoCoreError, ClientError)


class CreatedInPart(Exception):  # noqa: N818  # what came of it, not only that it failed
    """Something was made before an error came: the engine keeps it, as tainted.

    Args:
        state: what was made.
        cause: the error.
    """

    def __init__(self, state: Values, cause: Exception) -> None:
        super().__init__(str(cause))
        self.state = state


class Resource(ABC):
    """One type of resource.

    Args:
        ec2: where it is made.
    """

    # Whether the real one is built on the old SDK, whose plans the engine forgives more.
    legacy: ClassVar[bool] = False

    def __init__(self, ec2: EC2Client) -> None:
        self.ec2 = ec2

    @classmethod
    def adjusted(cls, prior: Values | None, planned: Values) -> Values:
        """What the resource makes of a plan beyond what the schema and the facts say of it.

        Args:
            prior: what there is; None for something new.
            planned: the plan so far.
        """
        del prior
        return planned

    @abstractmethod
    def create(self, planned: Values) -> Values:
        """Make it, and say what came of it.

        Raises:
            CreatedInPart: an error came when it was there already.
        """

    @abstractmethod
    def read(self, state: Values) -> Values | None:
        """What it is now, or None if it is gone."""

    @abstractmethod
    def update(self, prior: Values, planned: Values) -> Values:
        """Change it in place."""

    @abstractmethod
    def delete(self, state: Values) -> None:
        """Take it away; nothing happens where it is gone."""

    def retag(self, id_: str, prior: Values, planned: Values) -> None:
        """Change tags as the provider does: those that go first, then those that come or change."""
        before, after = prior["tags_all"] or {}, planned["tags_all"] or {}
        if gone := sorted(set(before) - set(after)):
            self.ec2.delete_tags(Resources=[id_], Tags=[{"Key": key} for key in gone])
        if changed := {key: value for key, value in after.items() if before.get(key) != value}:
            self.ec2.create_tags(Resources=[id_], Tags=as_tags(changed))


def as_tags(tags: Values | None) -> Any:
    """Tags as EC2 takes them."""
    return [{"Key": key, "Value": value} for key, value in sorted((tags or {}).items())]


def from_tags(tags: Iterable[Any]) -> dict[str, str]:
    """Tags as the provider knows them."""
    return {tag["Key"]: tag["Value"] for tag in tags}


def error_code(error: Exception) -> str:
    """EC2's error code, or nothing where EC2 gave no answer."""
    return str(error.response["Error"]["Code"]) if isinstance(error, ClientError) else ""
