"""Terraform's expressions, as they stand in its JSON."""

from __future__ import annotations

import json
from collections.abc import Iterable

from rancher_ports.model.conditions import Condition


def literal(text: str) -> str:
    """A text of which Terraform makes no expression."""
    return text.replace("${", "$${").replace("%{", "%%{")


def quoted(text: str) -> str:
    """A text as it stands within an expression."""
    return literal(json.dumps(text))


def listed(texts: Iterable[str]) -> str:
    """A list of texts within an expression."""
    return f"[{', '.join(map(quoted, texts))}]"


def expression(code: str) -> str:
    """An expression as a value of the JSON."""
    return f"${{{code}}}"


def holds(when: Condition) -> str | bool:
    """Whether a condition holds, as a value of the JSON: an expression over the variables, or True for always.

    Raises:
        ValueError: it is about a distribution, as rows are that stand beside another's while nodes migrate.
    """
    code = _code(when)
    return True if code == "true" else expression(code)


def _code(when: Condition) -> str:
    if when.distribution is not None:
        raise ValueError(f"a module has the rows of one distribution, and no condition on it: {when.distribution}")
    parts = []
    if when.feature is not None:
        parts.append(f"contains(var.features, {quoted(when.feature)})")
    if when.cnis:
        parts.append(f"contains({listed(when.cnis)}, var.cni)")
    if when.one_sided is not None:
        parts.append(f"var.one_sided == {quoted(when.one_sided)}")
    if when.egress is not None:
        parts.append(f"var.egress == {quoted(when.egress)}")
    parts += [f"!({_code(other)})" for other in when.unless]
    return " && ".join(parts) or "true"
