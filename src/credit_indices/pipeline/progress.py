"""Progress of a command: one line per stage with its seconds, and a bar on a terminal."""

from __future__ import annotations

import os
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


def say(text: str) -> None:
    """Print a line and flush, so that logs are up to date.

    All commands print by this function: a closed pipe does not stop their work.
    """
    try:
        print(text, flush=True)
    except BrokenPipeError:  # as in `make build | head -1`: later lines go nowhere
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


@contextmanager
def stage(text: str) -> Iterator[None]:
    """Print a stage and its duration after it has succeeded."""
    started = time.monotonic()
    yield
    say(with_seconds(text, started))


def with_seconds(text: str, started: float) -> str:
    """Append the seconds since a value of ``time.monotonic`` to a text."""
    return f"{text} ({time.monotonic() - started:.1f} s)"


class Bar:
    """A bar over the nodes of a run; silent if the output is no terminal."""

    def __init__(self) -> None:
        self._bar: Any = None

    def advance(self, total: int) -> None:
        """Count one more of ``total``."""
        if not sys.stderr.isatty():
            return
        if self._bar is None:
            from tqdm import tqdm

            layout = "{bar:30} {n_fmt}/{total_fmt} {elapsed}"
            self._bar = tqdm(total=total, file=sys.stderr, leave=False, bar_format=layout)
        self._bar.total = max(total, self._bar.n + 1)
        self._bar.update()

    def say(self, text: str) -> None:
        """Print a line above the bar."""
        if self._bar is None:
            say(text)
        else:
            self._bar.clear()
            say(text)
            self._bar.refresh()

    def close(self) -> None:
        """Remove the bar."""
        if self._bar is not None:
            self._bar.close()
            self._bar = None


GATE = "int_quality__gate"
"""The model between the two stages of the models: every index depends on it."""

ENDED_WELL = ("success", "pass", "warn")


class Stages:
    """The stages of a dbt run, derived from its finished nodes.

    dbt runs seeds, models and tests as they become ready. A line is printed at the end of a stage:
    the last seed, the gate, the run.
    """

    def __init__(self, n_seeds: int) -> None:
        self.bar = Bar()
        self._n_seeds = n_seeds
        self._finished: Counter[str] = Counter()
        self._started = time.monotonic()
        self._lock = threading.Lock()  # dbt finishes nodes in several threads

    def count(self, resource_type: str, name: str, status: str, total: int) -> None:
        """Count a finished node."""
        with self._lock:
            self.bar.advance(total)
            if status not in ENDED_WELL:
                return
            self._finished[resource_type] += 1
            if resource_type == "seed" and self._finished["seed"] == self._n_seeds:
                self._over(f"Loaded {_number(self._n_seeds, 'seed')}")
            elif resource_type == "model" and name == GATE:
                self._over("Read, standardised and validated the data")

    def end(self, *, well: bool) -> None:
        """Remove the bar; print a summary if the run succeeded."""
        self.bar.close()
        if well:
            n_models = self._finished["model"]
            tests = _number(self._finished["test"], "data test")
            self._over("Computed indices and marts")
            self.bar.say(f"  Built {_number(n_models, 'model')}, passed {tests}")

    def _over(self, text: str) -> None:
        self.bar.say("  " + with_seconds(text, self._started))
        self._started = time.monotonic()


def _number(count: int, noun: str) -> str:
    return f"{count} {noun}" + ("" if count == 1 else "s")
