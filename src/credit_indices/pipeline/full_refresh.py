"""The switch FULL_REFRESH: whether kept events are deleted first."""

from __future__ import annotations

import os

VARIABLE = "FULL_REFRESH"


class UnknownValue(Exception):
    """The switch has another value than 1; the message is for the user."""


def is_asked() -> bool:
    """Return whether FULL_REFRESH is 1.

    Raises:
        UnknownValue: If it is set to another value than 1, or to an empty one.

    """
    value = os.environ.get(VARIABLE, "")
    if value not in ("", "1"):
        raise UnknownValue(
            f"{VARIABLE}={value} is unknown. {VARIABLE}=1 deletes the events of earlier builds "
            "first; leave it out to keep them."
        )
    return value == "1"
