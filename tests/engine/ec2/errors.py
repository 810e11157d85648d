"""How EC2 refuses: an error code and a message."""

from __future__ import annotations


class EC2Error(Exception):
    """A refusal.

    Args:
        code: EC2's error code (EC2 API reference, "Error codes").
        message: what it says.
        status: the HTTP status, 400 for a client's fault.
    """

    def __init__(self, code: str, message: str, status: int = 400) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.status = status
