"""Suites of expectations about the data and the indices.

A suite checks one profile: a small frame that SQL computes from the data (one row per indicator and
period, or per index and period), so its cost does not grow with the data. `critical` stops the
build; `warning` is shown and counted. Each threshold is a dbt variable or a column of the profile
(for its origin see docs/methods/data_quality.md). `name` states the expectation, `failure`
describes its violation. Missing statistics are not checked: a profile leaves them empty if there
are too few units.
"""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import great_expectations as gx

Thresholds = Mapping[str, float]

RAISE_RANGE_FACTOR = (
    "If they are right, set range_factor of the indicator in indicators.csv, or raise it for all "
    "indicators: make build VARS='{quality_range_factor: 1000}'"
)
"""Advice if correct values lie beyond a factor."""


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


def _cases(one: str, several: str) -> Failure:
    return Failure(one, several, "cases")


def _items(one: str, several: str, share: float = 0) -> Failure:
    """Make a failure about items; `{}` in a text stands for a threshold, a share."""
    percent = f"{100 * share:g} %"
    return Failure(one.format(percent), several.format(percent), "items")


@dataclass(frozen=True)
class Suite:
    """A suite and the profile that it checks.

    Attributes:
        name: the suite's name in the results and in Data Docs.
        profile: name of the frame.
        key: the columns that identify a row of the frame.
        expectations: function from thresholds to expectations.

    """

    name: str
    profile: str
    key: tuple[str, ...]
    expectations: Callable[[Thresholds], list["gx.expectations.Expectation"]]


def completeness(thresholds: Thresholds) -> list["gx.expectations.Expectation"]:
    """Expect a value of every unit in every period of an indicator (int_quality__completeness)."""
    return [
        _between(
            name="shipped_figures_without_a_way_to_fill_gaps_are_complete",
            failure=_items(
                "shipped indicator without imputation is incomplete",
                "shipped indicators without imputation are incomplete",
            ),
            column="share_present",
            low=1,
            high=1,
            severity="critical",
            detail="detail",
            where=("is_required", True),
            why="The shipped panel is balanced, and the missing policy fail imputes nothing. "
            "Restore the file in seeds/raw, or give the indicator a missing policy that imputes "
            "its gaps.",
        ),
        _between(
            name="figures_are_complete",
            failure=_items(
                "indicator is incomplete",
                "indicators are incomplete",
            ),
            column="share_present",
            low=1,
            high=1,
            severity="warning",
            detail="detail",
            where=("is_required", False),
            why="Gaps are imputed or skipped by the missing policy; check whether that is "
            "acceptable.",
        ),
    ]


def changes(thresholds: Thresholds) -> list["gx.expectations.Expectation"]:
    """Expect plausible changes of values (int_quality__changes)."""
    return [
        _at_least(
            name="no_unit_changes_absurdly_unlike_the_others",
            failure=_cases(
                "change absurdly unlike those of other units",
                "changes absurdly unlike those of other units",
            ),
            column="unusual_change",
            bound="range_factor",
            severity="critical",
            detail="change_detail",
            why="A change so far from those of the other units is a wrong unit of measurement or a "
            "typing error. "
            f"{RAISE_RANGE_FACTOR}",
        ),
        _between(
            name="no_unit_jumps_between_periods",
            failure=_cases(
                "jump between periods",
                "jumps between periods",
            ),
            column="n_jumps",
            low=None,
            high=0,
            severity="warning",
            detail="jump_detail",
            why="A value more than jump_factor times the one before, or less than one over it; "
            "where an indicator can be negative, a difference far from those of the other units: a "
            "new definition, an error, or a true event.",
        ),
    ]


def ranges(thresholds: Thresholds) -> list["gx.expectations.Expectation"]:
    """Expect no value absurdly far beyond all others (int_quality__extremes)."""
    return [
        _at_least(
            name="no_figure_is_absurdly_far_beyond_all_others",
            failure=_cases(
                "value absurdly far beyond all others",
                "values absurdly far beyond all others",
            ),
            column="times_the_second",
            bound="range_factor",
            severity="critical",
            detail="detail",
            why="A value so far beyond the second largest is a wrong unit of measurement or a "
            "typing error. "
            f"{RAISE_RANGE_FACTOR}",
        ),
        _at_least(
            name="no_value_is_a_code_for_a_missing_one",
            failure=_cases(
                "value is a code for a missing one",
                "values are codes for missing ones",
            ),
            column="code_distance",
            bound="code_factor",
            severity="critical",
            detail="code_detail",
            why="The number is a usual code for a missing value, and no other value is near. Leave "
            "the value empty to apply the missing policy. If it is right, set range_factor of "
            "the indicator in indicators.csv to the distance or more.",
        ),
        _between(
            name="no_value_looks_like_a_code_for_a_missing_one",
            failure=_cases(
                "value looks like a code for a missing one",
                "values look like codes for missing ones",
            ),
            column="code_distance",
            low=None,
            high=0,
            severity="warning",
            detail="code_detail",
            why="The number is a usual code for a missing value and lies outside all other values.",
        ),
        _between(
            name="no_value_lies_far_below_all_others",
            failure=_cases(
                "value far below all others",
                "values far below all others",
            ),
            column="ranges_below",
            low=None,
            high=thresholds["gap_factor"],
            severity="warning",
            detail="smallest_detail",
            why="The smallest value lies below the next one by more than quality_gap_factor "
            "times the range of all others: a code for a missing value, an error, or a true "
            "event.",
        ),
        _at_least(
            name="no_value_is_absurdly_small_beside_all_others",
            failure=_cases(
                "value absurdly small beside all others",
                "values absurdly small beside all others",
            ),
            column="times_the_smallest",
            bound="range_factor",
            severity="warning",
            detail="smallest_detail",
            why="The second smallest value is more than range_factor times the smallest: a wrong "
            "unit of measurement, a typing error, or a very small unit.",
        ),
    ]


def drift(thresholds: Thresholds) -> list["gx.expectations.Expectation"]:
    """Expect a distribution of the same form in successive periods (int_quality__drift)."""
    return [
        _at_least(
            name="the_distribution_keeps_its_form_between_periods",
            failure=_cases(
                "distribution changes its form between periods",
                "distributions change their form between periods",
            ),
            column="distance",
            bound="critical_distance",
            severity="warning",
            detail="detail",
            why="Two-sample Kolmogorov-Smirnov distance of the values over their median: uniform "
            "growth is no drift; a new definition or a broken file often is.",
        )
    ]


def provenance(thresholds: Thresholds) -> list["gx.expectations.Expectation"]:
    """Expect documented sources and readable values (int_quality__provenance)."""
    return [
        _not_null(
            name="shipped_indicators_name_their_agency",
            failure=_items(
                "shipped indicator names no agency",
                "shipped indicators name no agency",
            ),
            column="source_agency",
            severity="critical",
            detail="detail",
            where=("is_shipped", True),
            why="Nobody can check a value without a source. Name its source_agency in "
            "seeds/catalog/indicators.csv.",
        ),
        _not_null(
            name="shipped_indicators_have_a_citation",
            failure=_items(
                "shipped indicator has no citation",
                "shipped indicators have no citation",
            ),
            column="citation",
            severity="critical",
            detail="detail",
            where=("is_shipped", True),
            why="Users of a value cite its publication, not this warehouse. Give its citation in "
            "seeds/catalog/indicators.csv.",
        ),
        _equal(
            name="synthetic_files_are_called_synthetic_and_others_are_not",
            failure=_items(
                "indicator has another data_origin than its file",
                "indicators have another data_origin than their files",
            ),
            column="data_origin",
            other="origin_by_file",
            severity="critical",
            detail="detail",
            why="Synthetic values must not be mistaken for official ones. Correct data_origin in "
            "seeds/catalog/indicators.csv, or that of the file in macros/input/agency_files.sql.",
        ),
        _not_null(
            name="the_users_figures_name_a_source",
            failure=_items(
                "indicator of the user names no source",
                "indicators of the user name no source",
            ),
            column="named_source",
            severity="warning",
            detail="detail",
            where=("is_shipped", False),
            why="Set source_agency of the indicator, or the column source of its observations.",
        ),
        _between(
            name="few_records_are_quarantined",
            failure=_items(
                "indicator has more than {} of its records quarantined",
                "indicators have more than {} of their records quarantined",
                thresholds["quarantined_warning"],
            ),
            column="share_quarantined",
            low=None,
            high=thresholds["quarantined_warning"],
            severity="warning",
            detail="detail",
            why="Quarantined cells are missing; the missing policy imputes them.",
        ),
        _between(
            name="most_records_are_accepted",
            failure=_items(
                "indicator has more than {} of its records quarantined",
                "indicators have more than {} of their records quarantined",
                thresholds["quarantined_critical"],
            ),
            column="share_quarantined",
            low=None,
            high=thresholds["quarantined_critical"],
            severity="critical",
            detail="detail",
            why="An index of a mostly unreadable indicator consists of imputed values. Correct the "
            "cells in quality.quarantined_observations, or raise the dbt variable "
            "quality_quarantined_critical.",
        ),
    ]


def index_scores(thresholds: Thresholds) -> list["gx.expectations.Expectation"]:
    """Expect an index of observed values that separates units (int_quality__index_scores)."""
    return [
        _between(
            name="few_cells_are_filled",
            failure=_items(
                "index has more than {} of its cells imputed",
                "indices have more than {} of their cells imputed",
                thresholds["imputed_warning"],
            ),
            column="share_imputed",
            low=None,
            high=thresholds["imputed_warning"],
            severity="warning",
            detail="imputed_detail",
            why="OECD/JRC (2008, step 3): imputed values should be a small part of the data.",
        ),
        _between(
            name="most_cells_are_figures",
            failure=_items(
                "index has more than {} of its cells imputed",
                "indices have more than {} of their cells imputed",
                thresholds["imputed_critical"],
            ),
            column="share_imputed",
            low=None,
            high=thresholds["imputed_critical"],
            severity="critical",
            detail="imputed_detail",
            why="An index of mostly imputed values measures nothing. Add the missing values, "
            "remove the indicator with most gaps, or raise the dbt variable "
            "quality_imputed_critical.",
        ),
        _between(
            name="most_units_have_a_score",
            failure=_items(
                "index has scores for less than {} of its units",
                "indices have scores for less than {} of their units",
                thresholds["scored_critical"],
            ),
            column="share_scored",
            low=thresholds["scored_critical"],
            high=None,
            severity="critical",
            detail="scored_detail",
            why="A ranking without most units is not a ranking of the units. Lower the "
            "index's minimum_weight_share, or the dbt variable quality_scored_critical.",
        ),
        _between(
            name="scores_tell_units_apart",
            failure=_items(
                "index has one score for more than {} of its units",
                "indices have one score for more than {} of their units",
                thresholds["tied_warning"],
            ),
            column="share_of_commonest_score",
            low=None,
            high=thresholds["tied_warning"],
            severity="warning",
            detail="tied_detail",
            why="If most units share one score, their ranks are accidental.",
        ),
        _between(
            name="ranks_rest_on_the_figures_more_than_on_the_weights",
            failure=_items(
                "index has ranks that rest on its weights more than on its values",
                "indices have ranks that rest on their weights more than on their values",
            ),
            column="rank_correlation",
            low=thresholds["rank_correlation_warning"],
            high=None,
            severity="warning",
            detail="correlation_detail",
            why="OECD/JRC (2008, step 7): a ranking should survive other reasonable weights; "
            "equal ones are the plainest.",
        ),
        _between(
            name="ranks_do_not_turn_over_between_periods",
            failure=_items(
                "index has a unit that passes more than {} of the field in one period",
                "indices have units that pass more than {} of the field in one period",
                thresholds["rank_move_warning"],
            ),
            column="largest_rank_move",
            low=None,
            high=thresholds["rank_move_warning"],
            severity="warning",
            detail="move_detail",
            why="Development is slow: if a unit passes half the field in one period, its "
            "measurement changed or a true event needs an explanation.",
        ),
    ]


def index_weights(thresholds: Thresholds) -> list["gx.expectations.Expectation"]:
    """Expect no single indicator to dominate an index (int_quality__index_weights)."""
    return [
        _between(
            name="no_indicator_has_most_of_the_weight",
            failure=_items(
                "index has an indicator with more than {} of the weight",
                "indices have an indicator with more than {} of the weight",
                thresholds["weight_warning"],
            ),
            column="largest_weight",
            low=None,
            high=thresholds["weight_warning"],
            severity="warning",
            detail="detail",
            why="Entropy weights favour the most unevenly spread indicator; with more than half of "
            "the weight it dominates the index.",
        )
    ]


RAW = (
    Suite("raw_completeness", "completeness", ("indicator_code", "period"), completeness),
    Suite("raw_changes", "changes", ("indicator_code", "period"), changes),
    Suite("raw_ranges", "extremes", ("indicator_code", "period"), ranges),
    Suite("raw_drift", "drift", ("indicator_code", "period"), drift),
    Suite("raw_provenance", "provenance", ("indicator_code",), provenance),
)
"""Suites of the input data, validated before any index is computed."""

RESULT = (
    Suite("index_scores", "index_scores", ("index_code", "period"), index_scores),
    Suite("index_weights", "index_weights", ("index_code", "period"), index_weights),
)
"""Suites of the indices."""


def _between(
    name: str,
    failure: Failure,
    column: str,
    low: float | None,
    high: float | None,
    severity: str,
    detail: str,
    why: str,
    where: tuple[str, bool] | None = None,
) -> "gx.expectations.Expectation":
    import great_expectations.expectations as gxe

    return gxe.ExpectColumnValuesToBeBetween(
        column=column,
        min_value=low,
        max_value=high,
        **_common(name, failure, severity, detail, why, where),
    )


def _not_null(
    name: str,
    failure: Failure,
    column: str,
    severity: str,
    detail: str,
    why: str,
    where: tuple[str, bool],
) -> "gx.expectations.Expectation":
    import great_expectations.expectations as gxe

    return gxe.ExpectColumnValuesToNotBeNull(
        column=column, **_common(name, failure, severity, detail, why, where)
    )


def _equal(
    name: str, failure: Failure, column: str, other: str, severity: str, detail: str, why: str
) -> "gx.expectations.Expectation":
    import great_expectations.expectations as gxe

    return gxe.ExpectColumnPairValuesToBeEqual(
        column_A=column, column_B=other, **_common(name, failure, severity, detail, why, None)
    )


def _at_least(
    name: str, failure: Failure, column: str, bound: str, severity: str, detail: str, why: str
) -> "gx.expectations.Expectation":
    import great_expectations.expectations as gxe

    return gxe.ExpectColumnPairValuesAToBeGreaterThanB(
        column_A=bound,
        column_B=column,
        or_equal=True,
        ignore_row_if="either_value_is_missing",
        **_common(name, failure, severity, detail, why, None),
    )


def _common(
    name: str,
    failure: Failure,
    severity: str,
    detail: str,
    why: str,
    where: tuple[str, bool] | None,
) -> dict[str, Any]:
    from great_expectations.expectations.row_conditions import Column

    # `where`, a column and its value, selects the rows to check.
    condition = {} if where is None else {"row_condition": Column(where[0]) == where[1]}
    return {
        "severity": severity,
        "notes": why,
        "meta": {"name": name, "failure": asdict(failure), "detail": detail, "where": where},
        **condition,
    }
