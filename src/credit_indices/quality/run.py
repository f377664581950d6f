"""Validate suites on profiles and return the results as rows."""

import logging
import math
import os
import threading
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
import pyarrow as pa

from credit_indices.quality import data_docs, suites
from credit_indices.quality.lazy_imports import lazy_imports

if TYPE_CHECKING:
    from great_expectations.core import ExpectationSuiteValidationResult

N_EXAMPLES = 10

SCHEMA = pa.schema(
    [
        ("suite", pa.string()),
        ("expectation", pa.string()),
        ("column_name", pa.string()),
        ("success", pa.bool_()),
        ("failure", pa.string()),
        ("severity", pa.string()),
        ("expected", pa.string()),
        ("observed", pa.string()),
        ("n_checked", pa.int64()),
        ("unexpected_count", pa.int64()),
        ("examples", pa.string()),
        ("why", pa.string()),
    ]
)

Row = dict[str, Any]

_one_at_a_time = threading.Lock()


def raw_results(
    profiles: Mapping[str, pa.Table], thresholds: Mapping[str, float | str]
) -> pa.Table:
    """Validate the suites of the input data and start a new Data Docs site.

    Args:
        profiles: the frames by name, as :data:`suites.RAW` names them.
        thresholds: numbers, or texts of them (as dbt renders its variables), by name, as the suites
            ask for them.

    Returns:
        One row per suite and expectation with the columns of :data:`SCHEMA`. `examples` describes
        the first ten unexpected cases, one per line, the worst first. Never raises: a failure
        becomes a row of severity critical with the error in `observed`.

    """
    return _results(suites.RAW, profiles, thresholds, earlier=None)


def result_results(
    profiles: Mapping[str, pa.Table], thresholds: Mapping[str, float | str], earlier: pa.Table
) -> pa.Table:
    """Validate the suites of the indices and add them to the Data Docs site.

    Args:
        profiles: the frames by name, as :data:`suites.RESULT` names them.
        thresholds: numbers, or texts of them (as dbt renders its variables), by name, as the
            suites ask for them.
        earlier: the result of :func:`raw_results`, for the site's index.

    Returns:
        As :func:`raw_results`.

    """
    return _results(suites.RESULT, profiles, thresholds, earlier)


def _results(
    stage: Iterable[suites.Suite],
    profiles: Mapping[str, pa.Table],
    thresholds: Mapping[str, float | str],
    earlier: pa.Table | None,
) -> pa.Table:
    limits = {name: float(value) for name, value in thresholds.items()}
    rows: list[Row] = []
    validated: dict[str, ExpectationSuiteValidationResult] = {}
    with _one_at_a_time:  # dbt runs models in threads, and Great Expectations keeps one project.
        for suite in stage:
            try:
                frame = _sorted_frame(profiles[suite.profile], suite.key)
                validated[suite.name] = validate(suite, frame, limits)
                rows += [_row(suite, result, frame) for result in validated[suite.name].results]
            except Exception as error:
                failure = f"could not validate the suite {suite.name}"
                rows.append(_failure(suite.name, "the_suite_can_be_validated", failure, error))
        known = [] if earlier is None else earlier.to_pylist()
        try:
            data_docs.write(site_folder(), validated, known + rows, is_new=earlier is None)
        except Exception as error:
            if all(row["suite"] != "data_docs" for row in known):  # reported once for both stages
                failure = "could not write the pages of the data quality"
                row = _failure("data_docs", "the_site_can_be_written", failure, error)
                rows.append(row | {"severity": "warning"})
    return pa.Table.from_pylist(rows, schema=SCHEMA)


def site_folder() -> Path:
    """Return the site's folder: CREDIT_INDICES_DATA_DOCS, else data_docs in dbt's target folder."""
    from dbt.flags import get_flags  # dbt runs Python models in its own process

    target = getattr(get_flags(), "TARGET_PATH", None) or "target"
    return Path(os.environ.get("CREDIT_INDICES_DATA_DOCS") or Path(target, "data_docs"))


def validate(
    suite: suites.Suite, frame: pd.DataFrame, thresholds: Mapping[str, float]
) -> "ExpectationSuiteValidationResult":
    """Validate one suite on its frame with Great Expectations.

    Raises:
        KeyError: a threshold is missing.
        Exception: any error of Great Expectations.

    """
    # Set before the import, which reads it: no usage statistics.
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    with lazy_imports():
        import great_expectations as gx
        from great_expectations.data_context.types import base

    logging.getLogger(base.__name__).setLevel(logging.WARNING)  # it sets itself to INFO
    context = gx.get_context(
        mode="ephemeral",
        project_config=base.DataContextConfig(
            store_backend_defaults=base.InMemoryStoreBackendDefaults(),
            progress_bars=base.ProgressBarsConfig(globally=False),
            analytics_enabled=False,
        ),
    )
    expectations = suite.expectations(thresholds)
    details = dict.fromkeys(expectation.meta["detail"] for expectation in expectations)
    batch = (
        context.data_sources.add_pandas("profiles")
        .add_dataframe_asset(suite.profile)
        .add_batch_definition_whole_dataframe("all")
        .get_batch(batch_parameters={"dataframe": frame})
    )
    return batch.validate(
        gx.ExpectationSuite(name=suite.name, expectations=expectations),
        result_format={
            "result_format": "COMPLETE",
            "unexpected_index_column_names": [*suite.key, *details],
        },
    )


def _sorted_frame(profile: pa.Table, key: tuple[str, ...]) -> pd.DataFrame:
    return profile.to_pandas().sort_values(list(key), ignore_index=True)


def _row(suite: suites.Suite, result: Any, frame: pd.DataFrame) -> Row:
    config = result.expectation_config
    name, detail = config.meta["name"], config.meta["detail"]
    error = _exception_message(result.exception_info)
    if error is not None:
        failure = f"could not check whether {name.replace('_', ' ')}"
        return _failure(suite.name, name, failure, error)
    column = config.kwargs.get("column") or config.kwargs["column_B"]
    if config.type == "expect_column_pair_values_to_be_equal":
        column = config.kwargs["column_A"]
    unexpected = [
        case | {detail: _line(suite, case, detail)}
        for case in result.result.get("unexpected_index_list") or []
    ]
    examples = [case[detail] for case in sorted(unexpected, key=_badness(config, column, detail))]
    more = len(examples) - N_EXAMPLES
    n_items = len({case[suite.key[0]] for case in unexpected})
    failure = suites.Failure(**config.meta["failure"]).sentence(len(unexpected), n_items)
    return {
        "suite": suite.name,
        "expectation": name,
        "column_name": column,
        "success": bool(result.success),
        "failure": None if result.success else failure,
        "severity": str(getattr(config.severity, "value", config.severity)),
        "expected": _expected(config),
        "observed": _observed(config, column, frame, len(unexpected)),
        "n_checked": int(result.result["element_count"]),
        "unexpected_count": len(unexpected),
        "examples": "\n".join(examples[:N_EXAMPLES] + ([f"and {more} more"] if more > 0 else []))
        or None,
        "why": config.notes,
    }


def _line(suite: suites.Suite, case: Row, detail: str) -> str:
    """Format a case on one line: its description, else its key."""
    words = case[detail]  # NaN without a description
    if not isinstance(words, str):
        words = ", ".join(str(case[column]) for column in suite.key)
    return " ".join(words.split())


def _badness(config: Any, column: str, detail: str) -> Any:
    """Sort key of unexpected cases: by how far off, in powers of ten, then by name.

    A wrong value gives two jumps of similar size, to it and back; the name sorts the former first.
    """
    low, high = config.kwargs.get("min_value"), config.kwargs.get("max_value")
    bound = config.kwargs.get("column_A")

    def key(case: Row) -> tuple[float, str]:
        value = case[column]
        if low is None and high is None and (bound is None or isinstance(value, str)):
            return 0.0, case[detail]
        nearest = case[bound] if bound else (high if low is None or value > low else low)
        gap = abs(value - nearest)
        return (-math.floor(math.log10(gap)) if gap > 0 else math.inf), case[detail]

    return key


def _expected(config: Any) -> str:
    kwargs = config.kwargs
    if config.type == "expect_column_values_to_not_be_null":
        return "not empty"
    if config.type == "expect_column_pair_values_to_be_equal":
        return f"equal to {kwargs['column_B']}"
    if config.type == "expect_column_pair_values_a_to_be_greater_than_b":
        return f"at most {kwargs['column_A']}"
    low, high = kwargs.get("min_value"), kwargs.get("max_value")
    if low == high:
        return f"{low:g}"
    return f"at least {low:g}" if high is None else f"at most {high:g}"


def _observed(config: Any, column: str, frame: pd.DataFrame, n_unexpected: int) -> str | None:
    if config.meta["where"] is not None:
        condition, holds = config.meta["where"]
        frame = frame[frame[condition] == holds]
    values = frame[column].dropna()
    if not pd.api.types.is_numeric_dtype(frame[column]):
        return f"{len(frame) - n_unexpected} of {len(frame)} as expected"
    if values.empty:
        return None
    return f"{values.min():.6g} to {values.max():.6g}"


def _exception_message(info: Mapping[str, Any]) -> str | None:
    """Return the first error of an expectation, nested by metric or not."""
    for entry in (info, *(value for value in info.values() if isinstance(value, Mapping))):
        if entry.get("raised_exception"):
            return str(entry.get("exception_message"))
    return None


def _failure(suite: str, expectation: str, failure: str, error: Exception | str) -> Row:
    text = error if isinstance(error, str) else f"{type(error).__name__}: {error}"
    return dict.fromkeys(SCHEMA.names) | {
        "suite": suite,
        "expectation": expectation,
        "success": False,
        "failure": failure,
        "severity": "critical",
        "expected": "validated without an error",
        "observed": text,
        "why": "Data that cannot be checked may be wrong. The error gives the reason.",
    }
