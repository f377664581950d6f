"""The quality gate: critical failures stop the build and leave evidence; warnings are counted."""

import json
import os
import re
import shutil
import subprocess
import sys

import duckdb
import numpy as np
import pyarrow as pa
import pytest
import yaml
from conftest import PROJECT, DataDir
from scipy import stats

from credit_indices.quality import run, suites

# For each raw seed a column, its indicator, the column of units and a unit by code and name.
SEEDS = {
    "nbs": ("patents_granted", "patents_granted", "province_code", "37", "Shandong"),
    "synthetic_miit": (
        *("broadband_subscribers_10k_households", "broadband_subscribers"),
        *("province_code", "37", "Shandong"),
    ),
    "synthetic_cnnic": (
        *("internet_users_10k_persons", "internet_users"),
        *("province_code", "11", "Beijing"),
    ),
    "synthetic_pboc": (
        *("aggregate_financing_100m_yuan", "aggregate_financing"),
        *("province_code", "51", "Sichuan"),
    ),
    "synthetic_mofcom": (
        *("ecommerce_sales_100m_yuan", "ecommerce_sales"),
        *("province_code", "54", "Tibet"),
    ),
    "synthetic_most": (
        *("rd_expenditure_100m_yuan", "rd_expenditure"),
        *("province_code", "11", "Beijing"),
    ),
    "synthetic_pkulaw": (
        *("local_credit_regulations", "local_credit_regulations"),
        *("province_code", "11", "Beijing"),
    ),
    "synthetic_ncisp": (
        *("open_government_datasets", "open_government_datasets"),
        *("province_code", "11", "Beijing"),
    ),
    "synthetic_cei_categories": (
        *("category_dishonesty", "category_dishonesty"),
        *("city_code", "1100", "Beijing"),
    ),
    "synthetic_cei_indicators": (
        *("clients_of_credit_reporting_agencies", "clients_of_credit_reporting_agencies"),
        *("city_code", "1100", "Beijing"),
    ),
}


def is_of_cities(seed: str) -> bool:
    return SEEDS[seed][2] == "city_code"


def year_of(seed: str) -> tuple[str, int]:
    return ("edition", 2012) if is_of_cities(seed) else ("year", 2015)


@pytest.fixture
def build_with(project, runner, seeded_warehouse, tmp_path):
    """Change the loaded seeds by SQL statements and build the quality results with their ancestors.

    dbt builds with `command`, whose hooks leave evidence; the runner builds only `models`.
    """

    def run_(
        *statements: str,
        command=("build", "--select", "+data_quality_results"),
        models: str | None = None,
    ):
        warehouse = tmp_path / "warehouse" / "credit_indices.duckdb"
        warehouse.parent.mkdir(exist_ok=True)
        shutil.copy(seeded_warehouse, warehouse)
        with duckdb.connect(str(warehouse)) as connection:
            for statement in statements:
                connection.execute(statement)
        if models:
            return runner.run(warehouse, runner.select(models))
        kinds = ["--exclude-resource-type", "unit_test", "seed"] if command[0] == "build" else []
        return project.invoke(warehouse, *command, *kinds)

    return run_


def is_built(build, schema: str, table: str) -> bool:
    sql = f"from duckdb_tables() where schema_name = '{schema}' and table_name = '{table}'"
    return bool(build.query(f"select 1 {sql}"))


def evidence(build) -> list[str]:
    """The examples of the failed critical expectations."""
    return [
        case
        for (examples,) in build.query(
            "select examples from quality.data_quality_results "
            "where not success and severity = 'critical'"
        )
        for case in examples.split("\n")
    ]


def names(case: str, indicator: str, period: int, unit: str) -> bool:
    return case.startswith(f"{indicator}, {period}: ") and unit in case


# Five at a time: an error gives two cases, and the results name the first ten.
@pytest.mark.parametrize("seeds", [list(SEEDS)[::2], list(SEEDS)[1::2]])
def test_value_a_thousand_times_too_large_stops_the_build(build_with, seeds):
    statements = []
    for seed in seeds:
        column, _, unit_column, unit, _ = SEEDS[seed]
        period_column, year = year_of(seed)
        statements.append(
            f"update raw.{seed} set {column} = {column} * 1000 "
            f"where {unit_column} = '{unit}' and {period_column} = {year}"
        )
    build = build_with(*statements)
    assert not build.succeeded
    found = evidence(build)
    for seed in seeds:
        _, indicator, _, _, unit = SEEDS[seed]
        _, year = year_of(seed)
        assert any(names(case, indicator, year, unit) for case in found), (seed, found)
    for case in found:
        assert case in build.message
    assert "critical expectation(s) failed. Nothing is published." in build.message
    assert "make build VARS='{quality_range_factor: 1000}'" in build.message
    assert not is_built(build, "marts", "index_scores")
    assert not is_built(build, "intermediate", "int_index__weights")


def test_missing_year_of_an_indicator_stops_the_build(build_with):
    statements = []
    for seed, (column, *_) in SEEDS.items():
        period_column, year = year_of(seed)
        statements.append(f"update raw.{seed} set {column} = null where {period_column} = {year}")
    build = build_with(*statements)
    assert not build.succeeded
    found = evidence(build)
    for seed, (_, indicator, *_) in SEEDS.items():
        _, year = year_of(seed)
        n_units = 284 if is_of_cities(seed) else 31
        case = f"{indicator}, {year}: {n_units} of {n_units} units have no value, the first "
        assert case + "Beijing" in found
    for case in found:
        assert case in build.message
    assert not is_built(build, "marts", "index_scores")


def test_an_emptied_raw_seed_stops_the_build(build_with):
    """The expected values must not be derived from the empty file."""
    build = build_with("delete from raw.synthetic_most")
    assert not build.succeeded
    case = "rd_expenditure, 2015: 31 of 31 units have no value, the first Beijing"
    assert case in evidence(build)
    assert case in build.message
    assert not is_built(build, "marts", "index_scores")


def absent(build) -> set[str]:
    """The indicators without any value in the expected periods."""
    found = build.query(
        "select indicator_code from intermediate.int_quality__completeness "
        "where is_required group by 1 having max(n_units_present) = 0"
    )
    return {code for (code,) in found}


def indicators_of(build, seeds: list[str]) -> set[str]:
    names = ", ".join(f"'seeds/raw/{seed}.csv'" for seed in seeds)
    found = build.query(
        f"select indicator_code from staging.stg_shipped__indicators where source_file in ({names})"
    )
    return {code for (code,) in found}


@pytest.mark.parametrize(
    ("seeds", "no_longer_derived"),
    # All files of the provinces but one; that one; both of the cities and one of the provinces.
    [
        (
            [seed for seed in SEEDS if seed != "nbs" and not is_of_cities(seed)],
            {"rd_to_gdp"},
        ),
        (
            ["nbs"],
            {
                *("fiscal_expenditure_to_gdp", "gdp_growth_all_units", "population_density"),
                "rd_to_gdp",
            },
        ),
        (["synthetic_cei_categories", "synthetic_cei_indicators", "synthetic_cnnic"], set()),
        (["nbs_land_area"], {"population_density"}),
    ],
)
def test_indicators_of_an_emptied_raw_seed_are_reported(build_with, seeds, no_longer_derived):
    build = build_with(
        *(f"delete from raw.{seed}" for seed in seeds),
        models="+int_quality__completeness",
    )
    assert build.succeeded, build.message
    expected = indicators_of(build, seeds)
    assert {SEEDS[seed][1] for seed in seeds if seed in SEEDS} <= expected
    # Turnover of the technology market is imputed by zero: its missing years are warnings only, but
    # an absent indicator is critical.
    assert absent(build) == expected | no_longer_derived


def test_every_agency_file_lists_the_columns_that_it_has(shipped):
    """The list of columns is compared with the files."""
    for seed in SEEDS:
        there = shipped.query(f"from (describe raw.{seed}) select column_name offset 2")
        listed = shipped.query(
            "select source_column from staging.stg_shipped__indicators "
            f"where source_file = 'seeds/raw/{seed}.csv'"
        )
        assert sorted(there) == sorted(listed)


def test_missing_province_of_an_agency_is_reported(build_with):
    build = build_with(
        "delete from raw.synthetic_mofcom where province_code = '54'",
        "delete from raw.synthetic_pkulaw where province_code = '11' and year = 2015",
        models="+int_quality__completeness",
    )
    assert build.succeeded, build.message
    details = [
        detail
        for (detail,) in build.query(
            "select detail from intermediate.int_quality__completeness "
            "where is_required and detail is not null order by 1"
        )
    ]
    assert details == [
        *(
            f"ecommerce_sales, {year}: 1 of 31 units have no value, the first Tibet"
            for year in range(2011, 2021)
        ),
        "local_credit_regulations, 2015: 1 of 31 units have no value, the first Beijing",
    ]


def test_shipped_data_have_warnings_and_no_critical_failure(shipped):
    assert shipped.query(
        "select expectation, unexpected_count from quality.data_quality_results "
        "where not success order by 1"
    ) == [
        ("figures_are_complete", 7),
        ("no_unit_jumps_between_periods", 23),
        ("no_value_is_absurdly_small_beside_all_others", 1),
    ]
    assert "tech_market_turnover, 2011: 1 of 31 units have no value, the first Tibet" in (
        shipped.value(
            "select examples from quality.data_quality_results "
            "where expectation = 'figures_are_complete'"
        )
    )
    assert shipped.value("select count(*) from quality.data_quality_results") == 23


def twelve_units(small, **values) -> DataDir:
    """An index of twelve units; `values` replace the first values of each indicator."""
    base = [10.0, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30, 32]
    units = [f"u{number:02}" for number in range(12)]
    unit, indicator, member = (
        small.tables[table][0] for table in ("units", "indicators", "index_indicators")
    )
    small.tables["units"] = [unit | {"unit_id": code, "name_en": code} for code in units]
    small.tables["indicators"] = [
        indicator | {"indicator_code": code, "lower_bound": "", "range_factor": ""}
        for code in values
    ]
    small.tables["index_nodes"] = small.tables["index_nodes"][:1]
    small.tables["index_indicators"] = [
        member | {"indicator_code": code, "node_code": "test"} for code in values
    ]
    small.tables["observations"] = [
        {"unit_id": unit, "period": 2020, "indicator_code": code, "value": value}
        for code, first in values.items()
        for unit, value in zip(units, [*first, *base[len(first) :]], strict=True)
    ]
    return small


quality_alone = pytest.mark.marts("raw_data_quality", tested=True)


@quality_alone
def test_codes_for_missing_values_stop_the_build(small, build):
    codes = {
        "a": (-999,),
        "b": (-99,),
        "c": (-9,),  # 21 below the smallest, of half the range 20 of the others
        "d": (9999,),
        "e": (99999, 99999),
        "f": (-999, 9999),
    }
    result = build(twelve_units(small, **codes), command="build")
    assert not result.succeeded
    for code, (first, *_) in list(codes.items())[:-1]:
        assert f"{code}, 2020: u00 {float(first)}" in result.message
    assert "f, 2020: u01 9999.0, where all other values lie from 14.0 to 32.0" in result.message
    assert "Leave the value empty to apply the missing policy." in result.message


@quality_alone
def test_values_among_others_are_no_codes(small, build):
    data = twelve_units(small, a=(-9, -8.5, -20), b=(-6,), c=(40,), d=(-99,), e=(-250,))
    data.tables["indicators"][3]["range_factor"] = "20"  # the code is right
    result = build(data, command="build")
    assert result.succeeded, result.message
    examples = dict(
        result.query(
            "select expectation, examples from intermediate.raw_data_quality "
            "where not success and suite = 'raw_ranges'"
        )
    )
    assert examples == {
        "no_value_looks_like_a_code_for_a_missing_one": "d, 2020: u00 -99.0, where all other "
        "values lie from 12.0 to 32.0 (distance 11.1)",
        "no_value_lies_far_below_all_others": "e, 2020: u00 -250.0, where the next "
        "value is 12.0\nd, 2020: u00 -99.0, where the next value is 12.0",
    }


def test_small_folders_skip_tests_that_need_many_units(small, build):
    """Three units: distributions are not checked; a jump and a gap are warnings."""
    small.tables["observations"] = [
        row
        for row in small.tables["observations"]
        if (row["unit_id"], row["indicator_code"], row["period"]) != ("a", "cable", 2020)
    ]
    for row in small.tables["indicators"]:
        row["missing_policy"] = "zero"
        row["source_agency"] = ""
    result = build(small, command="build")
    assert result.succeeded, result.message
    assert result.query(
        "select expectation, examples from quality.data_quality_results "
        "where not success and suite like 'raw%' order by 1"
    ) == [
        ("figures_are_complete", "cable, 2020: 1 of 3 units have no value, the first Alpha"),
        (
            "no_unit_jumps_between_periods",
            "cable, 2020: 1 unit(s) by more than a factor of 2, such as Beta 5.0 after 2.0 in the "
            "previous period\npatents, 2020: 1 unit(s) by more than a factor of 2, such as "
            "Gamma 5.0 after 30.0 in the previous period",
        ),
        (
            "the_users_figures_name_a_source",
            "\n".join(
                f"{code} (observations.csv, user, no source_agency): 0 of {n} records are "
                "quarantined"
                for code, n in (("bad_loans", 6), ("cable", 5), ("patents", 6))
            ),
        ),
    ]
    # One of 18 cells over both years, one of 9 in 2020: more than 5 %.
    assert (
        result.value(
            "select examples from quality.data_quality_results "
            "where expectation = 'few_cells_are_filled'"
        )
        == "test, 2020: 1 cells were imputed, a share of 0.111"
    )


def profiles_of(build, stage) -> dict[str, pa.Table]:
    with duckdb.connect(str(build.warehouse), read_only=True) as connection:
        return {
            suite.profile: connection.execute(
                f"select * from intermediate.int_quality__{suite.profile}"
            ).to_arrow_table()
            for suite in stage
        }


THRESHOLDS = {
    "gap_factor": 5,
    "quarantined_warning": 0.05,
    "quarantined_critical": 0.5,
    "imputed_warning": 0.05,
    "imputed_critical": 0.5,
    "scored_critical": 0.5,
    "tied_warning": 0.5,
    "rank_correlation_warning": 0.5,
    "rank_move_warning": 0.5,
    "weight_warning": 0.5,
}


@pytest.fixture
def site(tmp_path, monkeypatch):
    folder = tmp_path / "site"
    monkeypatch.setenv("CREDIT_INDICES_DATA_DOCS", str(folder))
    return folder


def test_a_failure_of_great_expectations_is_a_critical_row(shipped, site, monkeypatch):
    profiles = profiles_of(shipped, suites.RAW)
    profiles["drift"] = profiles["drift"].drop_columns(["distance"])
    del profiles["provenance"]
    found = {(row["suite"], row["expectation"]): row for row in raw_rows(profiles)}
    # The other suites are still validated.
    assert found["raw_changes", "no_unit_changes_absurdly_unlike_the_others"]["success"]
    lost = found["raw_drift", "the_distribution_keeps_its_form_between_periods"]
    assert (lost["success"], lost["severity"]) == (False, "critical")
    assert 'The column "distance" in BatchData does not exist' in lost["observed"]
    lost = found["raw_provenance", "the_suite_can_be_validated"]
    assert (lost["success"], lost["severity"]) == (False, "critical")
    assert lost["observed"] == "KeyError: 'provenance'"
    assert lost["failure"] == "could not validate the suite raw_provenance"

    monkeypatch.setitem(sys.modules, "great_expectations", None)
    found = raw_rows(profiles_of(shipped, suites.RAW))
    assert [row["suite"] for row in found] == [suite.name for suite in suites.RAW]
    assert all("great_expectations" in row["observed"] for row in found)


def raw_rows(profiles: dict[str, pa.Table]) -> list[dict]:
    return run.raw_results(profiles, THRESHOLDS).to_pylist()


def test_cases_are_one_line_with_a_key_as_fallback(shipped, site):
    profiles = profiles_of(shipped, suites.RAW)
    rows = profiles["completeness"].to_pylist()[:2]
    for row, detail in zip(rows, ("x, 2020: Unit; u03\nof\tx", None), strict=True):
        row |= {"is_required": True, "share_present": 0.5, "detail": detail}
    profiles["completeness"] = pa.Table.from_pylist(rows, schema=profiles["completeness"].schema)
    found = {row["expectation"]: row for row in raw_rows(profiles)}
    examples = found["shipped_figures_without_a_way_to_fill_gaps_are_complete"]["examples"]
    assert sorted(examples.split("\n")) == sorted(
        [f"{rows[1]['indicator_code']}, {rows[1]['period']}", "x, 2020: Unit; u03 of x"]
    )


def test_impossible_range_does_not_affect_other_results(shipped, site):
    """The profiles describe only unusual cases."""
    profiles = profiles_of(shipped, suites.RAW)
    changes = profiles["changes"].drop_columns(["range_factor"])
    profiles["changes"] = changes.append_column("range_factor", pa.array([0.0] * changes.num_rows))
    found = run.raw_results(profiles, THRESHOLDS)
    rows = {row["expectation"]: row for row in found.to_pylist()}
    absurd = rows["no_unit_changes_absurdly_unlike_the_others"]
    assert (absurd["success"], absurd["observed"][:4]) == (False, "1 to")
    jumps = rows["no_unit_jumps_between_periods"]
    assert (jumps["unexpected_count"], jumps["failure"]) == (23, "23 jumps between periods")
    assert rows["figures_are_complete"]["failure"] == "2 indicators are incomplete, in 7 periods"
    small = rows["no_value_is_absurdly_small_beside_all_others"]
    assert small["failure"] == "1 value absurdly small beside all others"


def test_failures_have_singular_and_plural_texts():
    limits = {name: 0.5 for name in THRESHOLDS}
    for suite in suites.RAW + suites.RESULT:
        for expectation in suite.expectations(limits):
            failure = suites.Failure(**expectation.meta["failure"])
            assert failure.one != failure.several
            assert not re.search(r"[{}_]|\(s\)", failure.one.replace("data_origin", ""))
            assert failure.sentence(1, 1) == f"1 {failure.one}"
            assert failure.sentence(1000, 1000) == f"1,000 {failure.several}"
    jumps = suites.Failure("jump", "jumps", "cases")
    assert jumps.sentence(3, 2) == "3 jumps"
    gaps = suites.Failure("indicator is incomplete", "indicators are incomplete", "items")
    assert gaps.sentence(3, 1) == "1 indicator is incomplete, in 3 periods"
    assert gaps.sentence(3, 2) == "2 indicators are incomplete, in 3 periods"


def test_invalid_thresholds_are_refused_before_a_run(build_with):
    given = {
        "jump_factor": "abc",
        "quality_range_factor": 0,
        "quality_min_units": 2.5,
        "quality_drift_level": 0,
        "quality_tied_warning": True,
        "quality_rank_correlation_warning": "0.5",
    }
    build = build_with(
        command=("run", "--select", "int_quality__changes", "--vars", json.dumps(given))
    )
    assert not build.succeeded
    assert "The data quality thresholds are not valid: 6 fault(s)." in build.message
    for line in (
        "jump_factor is 'abc'; expected a number from 1 to 1000000000, without quotation marks",
        "quality_range_factor is 0; expected a number from 1 to 1000000000",
        "quality_min_units is 2.5; expected a whole number from 1 to 1000000000",
        "quality_drift_level is 0; expected a number from 1e-09 to 1",
        "quality_tied_warning is True; expected a number from 0 to 1",
        "quality_rank_correlation_warning is '0.5'; expected a number from -1 to 1, without",
    ):
        assert f"- the dbt variable {line}" in build.message


def test_every_threshold_has_a_range_and_is_used():
    """A variable without a range would not be checked."""
    project_file = yaml.safe_load((PROJECT / "dbt_project.yml").read_text())
    ranges = (PROJECT / "macros/quality/quality_thresholds.sql").read_text()
    listed = re.findall(r"^ +'(\w+)': \[", ranges, re.MULTILINE)
    thresholds = [name for name in project_file["vars"] if name.startswith(("quality_", "jump_"))]
    assert sorted(listed) == sorted(thresholds)


def test_a_site_that_cannot_be_written_is_a_warning(shipped, tmp_path, monkeypatch):
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("CREDIT_INDICES_DATA_DOCS", str(tmp_path / "file"))
    last = raw_rows(profiles_of(shipped, suites.RAW))[-1]
    assert (last["suite"], last["success"], last["severity"]) == ("data_docs", False, "warning")


def test_the_same_profiles_give_the_same_rows(shipped, site):
    profiles = profiles_of(shipped, suites.RAW)
    backwards = {
        name: table.take(list(range(table.num_rows))[::-1]) for name, table in profiles.items()
    }
    assert raw_rows(profiles) == raw_rows(backwards)


def test_great_expectations_prints_and_sends_nothing(shipped, tmp_path):
    """In a separate process, because Great Expectations prints when imported and first used."""
    script = f"""
import duckdb, sys, socket
def refuse(*arguments):
    raise AssertionError("a connection is opened")
socket.socket.connect = refuse
from credit_indices.quality import run, suites
assert "great_expectations" not in sys.modules
connection = duckdb.connect({str(shipped.warehouse)!r}, read_only=True)
profiles = {{
    suite.profile: connection.execute(
        "select * from intermediate.int_quality__" + suite.profile
    ).to_arrow_table()
    for suite in suites.RAW
}}
table = run.raw_results(profiles, {THRESHOLDS!r})
assert table.num_rows == 16 and set(table.column("suite").to_pylist()) == {{
    suite.name for suite in suites.RAW
}}
"""
    environment = {**os.environ, "CREDIT_INDICES_DATA_DOCS": str(tmp_path / "site")}
    done = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env=environment,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_site_has_one_page_per_suite_and_loads_nothing(shipped, site):
    site.mkdir()
    (site / "index_scores.html").write_text("of an earlier build")
    (site / "notes.txt").write_text("mine")
    raw = run.raw_results(profiles_of(shipped, suites.RAW), THRESHOLDS)
    assert not (site / "index_scores.html").exists()
    run.result_results(profiles_of(shipped, suites.RESULT), THRESHOLDS, raw)
    pages = {page.stem: page.read_text(encoding="utf-8") for page in site.glob("*.html")}
    assert set(pages) == {"index", *(suite.name for suite in suites.RAW + suites.RESULT)}
    assert (site / "notes.txt").read_text() == "mine"
    for page in pages.values():
        assert "Content-Security-Policy" in page and "default-src 'none'" in page
        assert not re.findall(r"<script|<img|<link|@import|url\(|https?://", page)
    for suite in suites.RAW + suites.RESULT:
        assert f'<a href="{suite.name}.html">' in pages["index"]
    assert "Guangxi" in pages["raw_changes"]


def test_index_expectations_hold_up_to_their_threshold(site):
    """One index per threshold, which it meets exactly in 2019 and exceeds in 2020."""
    statistics = {
        "share_imputed": (0.05, 0.06),
        "share_scored": (0.5, 0.4),
        "share_of_commonest_score": (0.5, 0.6),
        "rank_correlation": (0.5, 0.4),
        "largest_rank_move": (0.5, 0.6),
    }
    details = ("scored", "imputed", "tied", "correlation", "move")
    scores = [
        {"index_code": statistic, "period": period, "share_imputed": 0.0, "share_scored": 1.0}
        | {statistic: value}
        | {f"{detail}_detail": f"{statistic}, {period}" for detail in details}
        for statistic, values in statistics.items()
        for period, value in zip((2019, 2020), values, strict=True)
    ]
    columns = ["index_code", "period", *statistics, *(f"{detail}_detail" for detail in details)]
    weights = [
        {"index_code": "at", "period": 2019, "largest_weight": 0.5, "detail": "at"},
        {"index_code": "above", "period": 2019, "largest_weight": 0.51, "detail": "above"},
        {"index_code": "of_two", "period": None, "largest_weight": None, "detail": "of_two"},
    ]
    frame = pa.Table.from_pylist([{c: row.get(c) for c in columns} for row in scores])
    profiles = {"index_scores": frame, "index_weights": pa.Table.from_pylist(weights)}
    found = run.result_results(profiles, THRESHOLDS, run.SCHEMA.empty_table()).to_pylist()
    assert {row["expectation"]: row["failure"] for row in found} == {
        "few_cells_are_filled": "1 index has more than 5 % of its cells imputed",
        "most_cells_are_figures": None,
        "most_units_have_a_score": "1 index has scores for less than 50 % of its units",
        "scores_tell_units_apart": "1 index has one score for more than 50 % of its units",
        "ranks_rest_on_the_figures_more_than_on_the_weights": (
            "1 index has ranks that rest on its weights more than on its values"
        ),
        "ranks_do_not_turn_over_between_periods": (
            "1 index has a unit that passes more than 50 % of the field in one period"
        ),
        "no_indicator_has_most_of_the_weight": (
            "1 index has an indicator with more than 50 % of the weight"
        ),
    }
    unmet = {row["expectation"]: (row["severity"], row["examples"]) for row in found}
    assert unmet == {
        "few_cells_are_filled": ("warning", "share_imputed, 2020"),
        "most_cells_are_figures": ("critical", None),
        "most_units_have_a_score": ("critical", "share_scored, 2020"),
        "scores_tell_units_apart": ("warning", "share_of_commonest_score, 2020"),
        "ranks_rest_on_the_figures_more_than_on_the_weights": (
            "warning",
            "rank_correlation, 2020",
        ),
        "ranks_do_not_turn_over_between_periods": ("warning", "largest_rank_move, 2020"),
        "no_indicator_has_most_of_the_weight": ("warning", "above"),
    }


def observed_values(build) -> dict[tuple[str, int], dict[str, float]]:
    found = {}
    for code, period, unit, value in build.query(
        "select indicator_code, period, unit_id, value from intermediate.int_quality__values "
        "join intermediate.int_catalog__units using (unit_key) "
        "join intermediate.int_catalog__indicators using (indicator_key)"
    ):
        found.setdefault((code, period), {})[unit] = value
    return found


def test_the_distances_between_periods_are_those_of_scipy(shipped):
    values = observed_values(shipped)
    compared = shipped.query(
        "select indicator_code, period, period_before, distance, critical_distance "
        "from intermediate.int_quality__drift"
    )
    assert len(compared) > 300
    for code, period, period_before, distance, critical in compared:
        later, earlier = (
            np.array(list(values[code, year].values())) for year in (period, period_before)
        )
        later, earlier = (np.round(x / np.median(x), 12) for x in (later, earlier))
        reference = stats.ks_2samp(later, earlier, method="asymp")
        assert distance == pytest.approx(reference.statistic, abs=1e-9), (code, period)
        # Smirnov's limit: at the critical distance the asymptotic p-value is 0.01.
        n, m = len(later), len(earlier)
        assert 2 * np.exp(-2 * critical**2 * n * m / (n + m)) == pytest.approx(0.01, rel=1e-9)


def test_a_distribution_that_changes_its_form_is_a_warning(build_with):
    """In 2016 half of the provinces publish internet users in another unit."""
    build = build_with(
        "update raw.synthetic_cnnic "
        "set internet_users_10k_persons = 50 * internet_users_10k_persons "
        "where year = 2016 and province_code > '41'",
        models="+raw_data_quality",
    )
    assert build.succeeded, build.message
    ((success, severity, examples),) = build.query(
        "select success, severity, examples from intermediate.raw_data_quality "
        "where suite = 'raw_drift'"
    )
    assert (success, severity) == (False, "warning")
    assert "internet_users, 2016: the Kolmogorov-Smirnov distance from 2015 is" in examples


def test_changes_and_rank_correlations_agree_with_scipy(shipped):
    values = observed_values(shipped)
    changes = shipped.query(
        "select indicator_code, period, unusual_change from intermediate.int_quality__changes"
    )
    assert len(changes) > 300
    for code, period, unusual in changes:
        later, earlier = values[code, period], values[code, period - 1]
        logs = np.array([np.log(later[unit] / earlier[unit]) for unit in later if unit in earlier])
        first, median, third = np.quantile(logs, [0.25, 0.5, 0.75])
        gap = np.abs(logs - median).max()
        expected = np.exp(gap if gap > 6 * (third - first) else 0)
        assert unusual == pytest.approx(expected, rel=1e-9), (code, period)

    correlations = shipped.query(
        "select index_code, period, rank_correlation from intermediate.int_quality__index_scores "
        "where rank_correlation is not null"
    )
    assert len(correlations) > 40
    for code, period, correlation in correlations:
        headline, equal = zip(
            *shipped.query(
                "select headline.score, equal_scores.score from marts.index_scores as headline "
                "join marts.index_scores as equal_scores using (index_code, period, unit_id) "
                "where headline.scheme = 'headline' and equal_scores.scheme = 'equal' "
                f"and index_code = '{code}' and period = {period}"
            ),
            strict=True,
        )
        reference = stats.spearmanr(headline, equal).statistic
        assert correlation == pytest.approx(reference, abs=1e-10)
