"""One process at a time: the lock that builds and publications take."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class Locked(Exception):
    """Another process holds the lock."""

    def __init__(self, holder: str) -> None:
        super().__init__(holder)
        self.holder = holder


@contextmanager
def hold(path: Path) -> Iterator[int]:
    """Hold a lock.

    The system releases it when the process, and those that inherited the file, have ended in any
    way.

    Args:
        path: The lock's file; created with its folder if missing, and never removed.

    Yields:
        The descriptor of the lock's file, for child processes that must also hold the lock.

    Raises:
        Locked: If another process has it.
        OSError: If the file cannot be made or written.

    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "a+", encoding="utf-8") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            raise Locked(lock.read().strip() or "unknown") from None
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield lock.fileno()
