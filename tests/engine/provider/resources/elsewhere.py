"""Resources of other services, which have no groups: they are in the state and nowhere else."""

from __future__ import annotations

import itertools

from tests.engine.provider.resources.resource import Resource
from tests.engine.provider.values import Values, without_unknown

_COUNTER = itertools.count(1)


class Elsewhere(Resource):
    """A resource that is made as it was planned."""

    legacy = True

    def create(self, planned: Values) -> Values:
        """Gives it an id, which is its ARN as well where it has one."""
        id_ = f"arn:aws:elsewhere:{self.ec2.meta.region_name}:111122223333:{next(_COUNTER)}"
        return without_unknown({**planned, "id": id_, **({"arn": id_} if "arn" in planned else {})})

    def read(self, state: Values) -> Values | None:
        """As it was left."""
        return state

    def update(self, prior: Values, planned: Values) -> Values:
        """As it was planned."""
        del prior
        return without_unknown(planned)

    def delete(self, state: Values) -> None:
        """Nothing is left."""
