"""Regression formulas in fixest's syntax: text to a checked, immutable specification.

`y ~ x1 + x2 | unit_id + period | d ~ z1 + z2`: outcome, exogenous regressors, fixed effects,
endogenous regressors and their excluded instruments (Berge 2018, R package fixest; the operators
`:` and `*` as in Wilkinson & Rogers 1973). A name that is not a plain word is quoted by backticks,
as in R: ``y ~ `share of loans` ``; a backtick inside is doubled.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import combinations
from typing import NoReturn

EFFECTS = ("unit_id", "period")
"""The fixed effects that a formula may name, in their canonical order."""

PLAIN_NAME = re.compile(r"[^\W\d][\w.]*")
TOKEN = re.compile(
    r"\s*(?:(?P<name>[^\W\d][\w.]*)|(?P<quoted>`(?:[^`]|``)+`)|(?P<number>[\d.]+)|(?P<mark>\S)|$)"
)


class FormulaError(ValueError):
    """A formula that cannot be parsed: the message gives the position and the expected input."""


@dataclass(frozen=True)
class Formula:
    """A regression: one outcome, its regressors, fixed effects and instruments.

    Attributes:
        outcome: The term on the left.
        exogenous: Terms that instrument themselves, without the constant.
        effects: None, one or both of `unit_id` and `period`, in this order.
        endogenous: Terms to be instrumented; empty for OLS.
        instruments: Excluded instruments; empty for OLS.

    A term is a variable, or variables joined by `:`, their product. Names that are not plain
    words keep their backticks inside a term. `str` gives a formula that parses to an equal one.

    """

    outcome: str
    exogenous: tuple[str, ...]
    effects: tuple[str, ...] = ()
    endogenous: tuple[str, ...] = ()
    instruments: tuple[str, ...] = ()

    def __str__(self) -> str:
        text = f"{self.outcome} ~ {_sum(self.exogenous, '1')} | {_sum(self.effects, '0')}"
        if self.endogenous:
            text += f" | {_sum(self.endogenous)} ~ {_sum(self.instruments)}"
        return text

    @property
    def terms(self) -> tuple[str, ...]:
        """All terms: outcome, exogenous, endogenous, instruments."""
        return (self.outcome, *self.regressors, *self.instruments)

    @property
    def regressors(self) -> tuple[str, ...]:
        """Terms that get a coefficient: exogenous, then endogenous."""
        return (*self.exogenous, *self.endogenous)

    @property
    def variables(self) -> tuple[str, ...]:
        """Columns that the terms need, bare names in order of appearance, without repeats."""
        return tuple(dict.fromkeys(name for term in self.terms for name in factors(term)))

    @property
    def has_unit_effects(self) -> bool:
        """Whether each unit has its own intercept."""
        return "unit_id" in self.effects

    @property
    def has_period_effects(self) -> bool:
        """Whether each period has its own intercept."""
        return "period" in self.effects


def parse(text: str) -> Formula:
    """Read a formula.

    Args:
        text: For example `fr ~ scdbi + ln_pgdp | unit_id + period`. No second part, or `0` there,
            means no effects; the right side may be `1` or empty if there are endogenous terms.
            `a*b` stands for `a + b + a:b`; a repeated term counts once.

    Raises:
        FormulaError: With the position (counted from 1) and the expected input.

    """
    return _Reader(text).formula()


def factors(term: str) -> tuple[str, ...]:
    """Split a term into the bare names of the columns that it multiplies."""
    return tuple(
        match["quoted"][1:-1].replace("``", "`") if match["quoted"] else match["name"]
        for match in TOKEN.finditer(term)
        if match["quoted"] or match["name"]
    )


def interaction(names: Iterable[str]) -> str:
    """Join bare names into a term, with backticks around names that are not plain words."""
    return ":".join(
        name if PLAIN_NAME.fullmatch(name) else "`" + name.replace("`", "``") + "`"
        for name in names
    )


def _sum(terms: tuple[str, ...], nothing: str = "") -> str:
    return " + ".join(terms) or nothing


@dataclass(frozen=True)
class _Token:
    kind: str
    text: str
    position: int


class _Reader:
    """A recursive descent over the tokens of one formula."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = [
            _Token(match.lastgroup, match[match.lastgroup], match.start(match.lastgroup) + 1)
            for match in TOKEN.finditer(text)
            if match.lastgroup
        ]
        self.tokens.append(_Token("end", "", len(text) + 1))
        self.next = 0

    def formula(self) -> Formula:
        place: dict[str, _Token] = {}
        outcome_token = self.peek
        outcome = self.interaction(place)
        if len(factors(outcome)) > 1:
            self.fail(outcome_token, "one variable as outcome, not an interaction")
        self.expect("~", "'~' after the outcome")
        exogenous = self.terms(place)
        effects: tuple[str, ...] = ()
        endogenous: list[str] = []
        instruments: list[str] = []
        if self.accept("|"):
            if any(token.text == "~" for token in self.before_bar()):
                endogenous, instruments = self.instrumented(place)
            else:
                effects = self.effects()
                if self.accept("|") and self.peek.kind != "end":  # nothing after `| 0 |`
                    endogenous, instruments = self.instrumented(place)
        if self.peek.kind != "end":
            self.fail(
                self.peek,
                "an operator (+ : * ~ |) or the end; functions and powers are not supported: add a "
                "variable to panel_variables, with transform = log for a logarithm",
            )
        if not exogenous and not endogenous:
            self.fail(self.peek, "at least one regressor: the right side has none")
        self.check_roles(place, outcome, exogenous, endogenous, instruments)
        return Formula(outcome, tuple(exogenous), effects, tuple(endogenous), tuple(instruments))

    def before_bar(self) -> list[_Token]:
        ahead = self.tokens[self.next :]
        bars = [position for position, token in enumerate(ahead) if token.text == "|"]
        return ahead[: bars[0]] if bars else ahead

    def terms(self, place: dict[str, _Token]) -> list[str]:
        """Read a sum of terms, which may be empty or 1."""
        found: list[str] = []
        if self.peek.kind == "end" or self.peek.text in ("|", "~"):
            return found
        while True:
            if self.peek.kind == "number":
                if self.peek.text != "1":
                    self.fail(
                        self.peek,
                        "a variable or 1: the constant is always included or absorbed by the "
                        "effects",
                    )
                self.next += 1
            else:
                found += self.product(place)
            if not self.accept("+"):
                break
        unique: dict[tuple[str, ...], str] = {}
        for term in found:
            unique.setdefault(tuple(sorted(factors(term))), term)
        return list(unique.values())

    def product(self, place: dict[str, _Token]) -> list[str]:
        """Read `a*b*c` as all products of its parts, short ones first."""
        start = self.peek
        parts = [self.interaction(place)]
        while self.accept("*"):
            parts.append(self.interaction(place))
        terms = [
            interaction(name for part in chosen for name in factors(part))
            for size in range(1, len(parts) + 1)
            for chosen in combinations(parts, size)
        ]
        for term in terms:
            names = factors(term)
            if len(set(names)) < len(names):
                self.fail(start, f"different variables in {term}; for a square, add a column")
            place.setdefault(term, start)
        return terms

    def interaction(self, place: dict[str, _Token]) -> str:
        start = self.peek
        names = [self.name()]
        while self.accept(":"):
            names.append(self.name())
        if len(set(names)) < len(names):
            self.fail(
                start, f"different variables in {interaction(names)}; for a square, add a column"
            )
        term = interaction(names)
        place.setdefault(term, start)
        return term

    def effects(self) -> tuple[str, ...]:
        if self.peek.text == "0" and self.peek.kind == "number":
            self.next += 1
            return ()
        found = []
        while True:
            token = self.peek
            effect = self.name("unit_id, period or 0")  # without its backticks
            if effect not in EFFECTS:
                self.fail(token, "unit_id, period or 0 as fixed effects")
            if effect in found:
                self.fail(token, "each fixed effect once")
            found.append(effect)
            if not self.accept("+"):
                break
        return tuple(effect for effect in EFFECTS if effect in found)

    def instrumented(self, place: dict[str, _Token]) -> tuple[list[str], list[str]]:
        start = self.peek
        endogenous = self.terms(place)
        if not endogenous:
            self.fail(start, "an endogenous variable before '~'")
        self.expect("~", "'~' between endogenous variables and instruments")
        start = self.peek
        instruments = self.terms(place)
        if not instruments:
            self.fail(start, "an instrument after '~'")
        return endogenous, instruments

    def check_roles(
        self,
        place: dict[str, _Token],
        outcome: str,
        exogenous: list[str],
        endogenous: list[str],
        instruments: list[str],
    ) -> None:
        roles: dict[tuple[str, ...], str] = {factors(outcome): "the outcome"}
        for role, terms in (
            ("an exogenous regressor", exogenous),
            ("an endogenous regressor", endogenous),
            ("an instrument", instruments),
        ):
            for term in terms:
                before = roles.setdefault(tuple(sorted(factors(term))), role)
                if before != role:
                    raise FormulaError(
                        f"formula '{self.text}': {term} is {before} and {role}; "
                        "expected every term in one place"
                    )

    @property
    def peek(self) -> _Token:
        return self.tokens[self.next]

    def accept(self, mark: str) -> bool:
        if self.peek.kind == "mark" and self.peek.text == mark:
            self.next += 1
            return True
        return False

    def expect(self, mark: str, what: str) -> None:
        if not self.accept(mark):
            self.fail(self.peek, what)

    def name(self, what: str = "the name of a variable") -> str:
        token = self.peek
        if token.kind not in ("name", "quoted"):
            self.fail(token, what)
        self.next += 1
        return factors(token.text)[0]

    def fail(self, token: _Token, what: str) -> NoReturn:
        text = f"'{token.text}'" if token.text else "the end"
        raise FormulaError(
            f"formula '{self.text}', position {token.position}: found {text}, expected {what}"
        )
