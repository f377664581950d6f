"""The file of expectations: every word in it is known, and adding one takes one entry."""

import re

import pytest
import yaml
from conftest import PROJECT

from credit_indices.quality import suites

TEXT = """
raw:
  - name: raw_ranges
    profile: extremes
    key: [indicator_code, period]
    expectations:
      - name: few_values_are_far
        kind: between
        column: ranges_below
        upper: gap_factor
        where: {is_shipped: true}
        severity: warning
        detail: detail
        failure:
          one: value beyond {bound}
          several: values beyond {bound}
          counts: cases
        why: A wrong value.
result: []
"""


def test_an_entry_of_the_file_is_an_expectation():
    ((suite,), results) = suites.read(TEXT).values()
    assert results == ()
    assert (suite.name, suite.profile, suite.key) == (
        *("raw_ranges", "extremes"),
        ("indicator_code", "period"),
    )
    (expectation,) = suite.expectations({"gap_factor": 0.25})
    assert (expectation.column, expectation.min_value, expectation.max_value) == (
        *("ranges_below", None),
        0.25,
    )
    assert (expectation.severity, expectation.notes) == ("warning", "A wrong value.")
    assert expectation.meta == {
        "name": "few_values_are_far",
        "failure": {"one": "value beyond 25 %", "several": "values beyond 25 %", "counts": "cases"},
        "detail": "detail",
        "where": ("is_shipped", True),
    }


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("raw:", "rwa:", "the file: the key 'rwa' is unknown; expected raw, result"),
        ("result: []", "", "the file: the key result is missing or empty"),
        ("    profile:", "    frame:", "suite raw_ranges: the key 'frame' is unknown; expected"),
        ("upper:", "uper:", "few_values_are_far: the key 'uper' is unknown; expected name, kind"),
        ("upper: gap_factor", "", "few_values_are_far: between needs lower or upper"),
        ("kind: between", "kind: betwen", "the kind 'betwen' is unknown; expected between, not_nu"),
        ("kind: between", "", "few_values_are_far: the key kind is missing or empty"),
        ("upper: gap_factor", "upper: 1\n        upper: 2", "the key 'upper' is repeated"),
        ("upper: gap_factor", "upper: 1\n        lower: 0", "{bound} needs one bound"),
        ("kind: between", "kind: not_null", "the key 'upper' is unknown; expected name, kind"),
        ("severity: warning", "severity: info", "the severity 'info' is unknown; expected critica"),
        ("column: ranges_below", "", "few_values_are_far: the key column is missing or empty"),
        ("counts: cases", "counts: rows", "the counts 'rows' is unknown; expected cases, items"),
        ("one: value", "once: value", "few_values_are_far, failure: the key 'once' is unknown"),
        ("{is_shipped: true}", "is_shipped", "where is not a column with true or false"),
        ("{is_shipped: true}", "{is_shipped: 1}", "where is not a column with true or false"),
    ],
)
def test_unknown_words_are_refused(old, new, message):
    assert TEXT.count(old) == 1
    with pytest.raises(suites.SuiteError, match=f"^expectations.yml: .*{re.escape(message)}"):
        suites.read(TEXT.replace(old, new))


def test_repeated_names_are_refused():
    suite = TEXT.partition("raw:\n")[2].partition("result:")[0]
    with pytest.raises(suites.SuiteError, match="the suite 'raw_ranges' is repeated"):
        suites.read(f"raw:\n{suite}{suite}result: []")
    other = suite.replace("raw_ranges", "raw_changes")
    with pytest.raises(suites.SuiteError, match="the expectation 'few_values_are_far' is repeated"):
        suites.read(f"raw:\n{suite}{other}result: []")


def test_an_unknown_threshold_is_refused():
    ((suite,), _) = suites.read(TEXT.replace("gap_factor", "gap")).values()
    message = "few_values_are_far: the threshold 'gap' is unknown; expected gap_factor"
    with pytest.raises(suites.SuiteError, match=message):
        suite.expectations({"gap_factor": 5})


def models_of(folder: str) -> dict[str, dict]:
    (path,) = (PROJECT / folder).glob("_*__models.yml")
    return {model["name"]: model for model in yaml.safe_load(path.read_text())["models"]}


@pytest.mark.parametrize(
    ("stage", "folder", "model"),
    [
        (suites.RAW, "quality", "raw_data_quality"),
        (suites.RESULT, "index_quality", "result_data_quality"),
    ],
)
def test_columns_and_thresholds_of_the_file_exist(stage, folder, model):
    profiles = models_of(f"models/intermediate/{folder}")
    used = set()
    for suite in stage:
        columns = {one["name"] for one in profiles[f"int_quality__{suite.profile}"]["columns"]}
        for row in suite.rows:
            assert row.columns() | set(suite.key) <= columns, row.name
            used |= row.thresholds()
    given = models_of(f"python_models/{folder}")[model]["config"]["meta"]["thresholds"]
    assert used == set(given)
