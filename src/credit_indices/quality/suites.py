"""Suites of expectations about the data and the indices, read from `expectations.yml`.

A suite checks one profile: a small frame that SQL computes from the data (one row per indicator and
period, or per index and period), so its cost does not grow with the data. `critical` stops the
build; `warning` is shown and counted. Missing statistics are not checked: a profile leaves them
empty if there are too few units. For the origin of each threshold see docs/methods/data_quality.md.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, dataclass
from importlib import resources
from typing import TYPE_CHECKING, Any

import yaml

if TYPE_CHECKING:
    import great_expectations as gx

Thresholds = Mapping[str, float]

FILE = "expectations.yml"
STAGES = ("raw", "result")
KINDS = {
    "between": ("lower", "upper"),
    "not_null": (),
    "equal": ("compared_with",),
    "at_most": ("compared_with",),
}
"""Keys of an expectation by its kind."""
SEVERITIES = ("critical", "warning")
COUNTS = ("cases", "items")


class SuiteError(Exception):
    """The file of expectations contains an unknown word, repeats a key, or lacks one."""


@dataclass(frozen=True)
class Failure:
    """The description of a failed expectation, after the number: `23 jumps between periods`.

    Attributes:
        one: after the number 1.
        several: after any other number.
        counts: `cases` (rows of the profile) or `items` (its indicators or indices, which may have
            one row per period).

    """

    one: str
    several: str
    counts: str

    def sentence(self, n_cases: int, n_items: int) -> str:
        """Describe the failure for a number of cases and of indicators or indices."""
        number = {"cases": n_cases, "items": n_items}[self.counts]
        words = f"{number:,} {self.one if number == 1 else self.several}"
        return words if n_cases == number else f"{words}, in {n_cases:,} periods"


@dataclass(frozen=True)
class Expectation:
    """An expectation about a column of a profile. The head of the file describes the keys."""

    name: str
    kind: str
    column: str
    severity: str
    detail: str
    failure: Failure
    why: str
    where: tuple[str, bool] | None = None
    lower: float | str | None = None
    upper: float | str | None = None
    compared_with: str | None = None

    def columns(self) -> set[str]:
        """Return the columns of the profile that the expectation reads."""
        named = {self.column, self.detail, self.compared_with, self.where and self.where[0]}
        return {column for column in named if column}

    def thresholds(self) -> set[str]:
        """Return the names of the thresholds that bound the column."""
        return {bound for bound in (self.lower, self.upper) if isinstance(bound, str)}

    def for_great_expectations(self, thresholds: Thresholds) -> "gx.expectations.Expectation":
        """Return the expectation of Great Expectations.

        Raises:
            SuiteError: a threshold is unknown.

        """
        import great_expectations.expectations as gxe
        from great_expectations.expectations.row_conditions import Column

        for name in self.thresholds():
            _require_known(self.name, "threshold", name, thresholds)
        lower, upper = (
            thresholds[bound] if isinstance(bound, str) else bound
            for bound in (self.lower, self.upper)
        )
        failure = {
            key: text.replace("{bound}", f"{100 * (lower if upper is None else upper):g} %")
            if "{bound}" in text
            else text
            for key, text in asdict(self.failure).items()
        }
        common: dict[str, Any] = {
            "severity": self.severity,
            "notes": self.why,
            "meta": {
                "name": self.name,
                "failure": failure,
                "detail": self.detail,
                "where": self.where,
            },
        }
        if self.where:
            column, value = self.where
            common["row_condition"] = Column(column) == value
        if self.kind == "between":
            return gxe.ExpectColumnValuesToBeBetween(
                column=self.column, min_value=lower, max_value=upper, **common
            )
        if self.kind == "not_null":
            return gxe.ExpectColumnValuesToNotBeNull(column=self.column, **common)
        if self.kind == "equal":
            return gxe.ExpectColumnPairValuesToBeEqual(
                column_A=self.column, column_B=self.compared_with, **common
            )
        return gxe.ExpectColumnPairValuesAToBeGreaterThanB(
            column_A=self.compared_with,
            column_B=self.column,
            or_equal=True,
            ignore_row_if="either_value_is_missing",
            **common,
        )


@dataclass(frozen=True)
class Suite:
    """A suite and the profile that it checks.

    Attributes:
        name: the suite's name in the results and in Data Docs.
        profile: name of the frame.
        key: the columns that identify a row of the frame.
        rows: the expectations as the file lists them.

    """

    name: str
    profile: str
    key: tuple[str, ...]
    rows: tuple[Expectation, ...]

    def expectations(self, thresholds: Thresholds) -> list["gx.expectations.Expectation"]:
        """Return the expectations of Great Expectations.

        Raises:
            SuiteError: a threshold is unknown.

        """
        return [row.for_great_expectations(thresholds) for row in self.rows]


def read(text: str) -> dict[str, tuple[Suite, ...]]:
    """Return the suites of each stage from the text of the file.

    Raises:
        SuiteError: a stage, key, kind or severity is unknown, or a key is missing.

    """
    stages = yaml.load(text, _Loader)
    _require_keys("the file", stages, STAGES)
    found = {stage: tuple(_suite(suite) for suite in stages[stage]) for stage in STAGES}
    every = [suite for suites in found.values() for suite in suites]
    _require_unique("suite", (suite.name for suite in every))
    _require_unique("expectation", (row.name for suite in every for row in suite.rows))
    return found


class _Loader(yaml.CSafeLoader):
    """A loader that refuses repeated keys, of which YAML would keep the last."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        """Return the mapping."""
        _require_unique("key", (self.construct_object(key, deep=True) for key, _ in node.value))
        return super().construct_mapping(node, deep)


def _suite(given: Any) -> Suite:
    _require_keys(f"suite {_name(given)}", given, ("name", "profile", "key", "expectations"))
    return Suite(
        given["name"],
        given["profile"],
        tuple(given["key"]),
        tuple(_expectation(row) for row in given["expectations"]),
    )


def _expectation(given: Any) -> Expectation:
    place = _name(given)
    required = ("name", "kind", "column", "severity", "detail", "failure", "why")
    if not isinstance(given, dict) or given.get("kind") is None:
        raise SuiteError(f"{FILE}: {place}: the key kind is missing or empty")
    kind = given["kind"]
    _require_known(place, "kind", kind, KINDS)
    of_kind = KINDS[kind]
    _require_keys(place, given, required, ("where", *of_kind))
    _require_known(place, "severity", given["severity"], SEVERITIES)
    _require_keys(f"{place}, failure", given["failure"], ("one", "several", "counts"))
    _require_known(place, "counts", given["failure"]["counts"], COUNTS)
    if of_kind and not any(key in given for key in of_kind):
        raise SuiteError(f"{FILE}: {place}: {kind} needs {' or '.join(of_kind)}")
    bounds = [key for key in ("lower", "upper") if key in given]
    if len(bounds) != 1 and any("{bound}" in str(text) for text in given["failure"].values()):
        raise SuiteError(f"{FILE}: {place}: {{bound}} needs one bound, lower or upper")
    parsed = {"failure": Failure(**given["failure"])}
    if "where" in given:
        match given["where"]:
            case dict() as where if [type(value) for value in where.values()] == [bool]:
                parsed["where"] = next(iter(where.items()))
            case _:
                raise SuiteError(f"{FILE}: {place}: where is not a column with true or false")
    return Expectation(**given | parsed)


def _name(given: Any) -> str:
    return str(given.get("name", "without a name")) if isinstance(given, dict) else str(given)


def _require_keys(
    place: str, given: Any, required: Collection[str], optional: Collection[str] = ()
) -> None:
    if not isinstance(given, dict):
        raise SuiteError(f"{FILE}: {place} is not a mapping of keys to values")
    for key in given:
        _require_known(place, "key", key, (*required, *optional))
    for key in required:
        if given.get(key) is None:
            raise SuiteError(f"{FILE}: {place}: the key {key} is missing or empty")


def _require_unique(noun: str, names: Iterable[str]) -> None:
    repeated = [name for name, times in Counter(names).items() if times > 1]
    if repeated:
        raise SuiteError(f"{FILE}: the {noun} '{repeated[0]}' is repeated")


def _require_known(place: str, noun: str, word: Any, known: Collection[str]) -> None:
    if word not in [*known]:
        raise SuiteError(
            f"{FILE}: {place}: the {noun} '{word}' is unknown; expected {', '.join(known)}"
        )


_STAGES = read((resources.files(__package__) / FILE).read_text(encoding="utf-8"))

RAW = _STAGES["raw"]
"""Suites of the input data, validated before any index is computed."""

RESULT = _STAGES["result"]
"""Suites of the indices."""
