"""Provenance: the build, descriptions of columns, and sources of all values."""

import csv
import hashlib
import re

from conftest import PROJECT


def test_every_public_column_is_in_the_dictionary(shipped):
    described = shipped.query(
        "select table_schema, table_name, column_name, column_number, lower(data_type) "
        "from marts.data_dictionary order by all"
    )
    there = shipped.query(
        "select table_schema, table_name, column_name, ordinal_position, lower(data_type) "
        "from information_schema.columns where table_schema in ('marts', 'quality') "
        "order by all"
    )
    assert [row[:3] for row in described] == [row[:3] for row in there]
    assert (
        shipped.value(
            "select count(*) from marts.data_dictionary where length(column_description) < 5 "
            "or length(table_description) < 10"
        )
        == 0
    )


def test_every_number_has_a_unit_and_every_unit_a_column(shipped):
    assert (
        shipped.value(
            "select count(*) from marts.data_dictionary "
            "where (unit is null) <> (data_type in ('varchar', 'boolean', 'date', 'timestamp'))"
        )
        == 0
    )
    units = dict(
        shipped.query(
            "select concat(table_name, '.', column_name), unit from marts.data_dictionary"
        )
    )
    columns = set(units) | {name.split(".")[1] for name in units}
    text = (PROJECT / "macros/warehouse/column_units.sql").read_text(encoding="utf-8")
    listed = re.search(r"return\(\{(.*?)\}\) \}\}", text, re.DOTALL)[1]
    names = [
        name for part in re.findall(r"\[(.*?)\]", listed, re.DOTALL) for name in part.split("'")
    ]
    names = [name for name in names if re.fullmatch(r"[a-z0-9_.]+", name)]
    assert len(names) == len(set(names)) > 100
    assert set(names) <= columns
    assert units["enterprise_warnings.detection_days"] == "days"
    assert units["pair_reversals.share_reversed"] == "share"
    assert units["panel_estimates.p_value_wild"] == "probability"
    assert units["panel_estimates.estimate"] == "unit of the outcome per unit of the term"
    assert units["cei.score"] == "points, 60 to 100"
    assert units["panel_fits.n_obs"] == "count"


def test_every_observation_has_a_source_with_its_files_hash(shipped):
    files = shipped.query(
        "select distinct source_file, sha256 from marts.data_sources where status = 'observed'"
    )
    seeds = {f"seeds/raw/{path.name}" for path in (PROJECT / "seeds" / "raw").glob("*.csv")}
    assert {name for name, _ in files} == seeds - {"seeds/raw/nbs_land_area.csv"}
    for name, sha256 in files:
        assert hashlib.sha256((PROJECT / name).read_bytes()).hexdigest() == sha256
    for status, table in (("observed", "accepted"), ("derived", "derived")):
        assert shipped.value(
            f"select sum(n_observations) from marts.data_sources where status = '{status}'"
        ) == shipped.value(f"select count(*) from intermediate.int_observations__{table}")
    ((origin, file, first, last, units, n),) = shipped.query(
        "select data_origin, source_file, first_period, last_period, n_units, n_observations "
        "from marts.data_sources where indicator_code = 'patents_granted'"
    )
    assert (origin, file) == ("official", "seeds/raw/nbs.csv")
    assert (first, last, units, n) == (2011, 2020, 31, 310)
    assert (
        shipped.value(
            "select count(*) from marts.data_sources where source_file like '%synthetic%' "
            "and data_origin <> 'synthetic'"
        )
        == 0
    )


def test_synthetic_indicators_name_no_agency(shipped):
    with open(PROJECT / "seeds/catalog/indicators.csv", encoding="utf-8", newline="") as stream:
        catalog = {row["indicator_code"]: row for row in csv.DictReader(stream)}
    rows = {
        code: rest
        for code, *rest in shipped.query(
            "select indicator_code, status, data_origin, source_agency, stands_in_for, citation, "
            "source_file, sha256, n_units, n_observations from marts.data_sources"
        )
    }
    assert set(rows) == set(catalog)
    for code, (status, origin, agency, stands_in_for, citation, *_) in rows.items():
        said = catalog[code]
        assert citation == said["citation"]
        if status != "no_data":
            assert origin == said["data_origin"]
            assert (agency or stands_in_for) == said["source_agency"]
            assert (agency is None) == (origin == "synthetic")
            assert (stands_in_for is None) == (origin != "synthetic")
    derived = {code for code, row in rows.items() if row[0] == "derived"}
    assert derived == {
        "fiscal_expenditure_to_gdp",
        "gdp_growth_all_units",
        "population_density",
        "rd_to_gdp",
    }
    assert all(rows[code][5:7] == [None, None] for code in derived)
    assert rows["population_density"][7:] == [31, 310]
    nothing = [code for code, row in rows.items() if row[0] == "no_data"]
    assert nothing == ["satisfaction_questionnaire"]
    assert rows["satisfaction_questionnaire"][1:4] == [None, None, None]
    assert rows["satisfaction_questionnaire"][7:] == [0, 0]


def test_user_values_of_shipped_indicators_name_no_agency(build, small):
    """The project's catalog names agencies and citations of the shipped values, not the user's."""
    del small.tables["indicators"], small.tables["index_indicators"]
    for name in ("indices", "index_nodes"):
        del small.tables[name]
    codes = {"cable": "patents_granted", "patents": "gdp", "bad_loans": "fiscal_expenditure"}
    small.tables["observations"] = [
        row
        | {
            "indicator_code": codes[row["indicator_code"]],
            "source": {"a": "yearbook 2021", "b": "a survey", "c": ""}[row["unit_id"]]
            if row["indicator_code"] == "cable"
            else "",
        }
        for row in small.tables["observations"]
    ]
    own = build(small)
    assert own.succeeded, own.message
    rows = own.query(
        "select indicator_code, status, data_origin, source_agency, stands_in_for, citation "
        "from marts.data_sources where status <> 'no_data' order by 1"
    )
    assert rows == [
        ("fiscal_expenditure", "observed", "user", None, None, None),
        ("fiscal_expenditure_to_gdp", "derived", "user", None, None, None),
        ("gdp", "observed", "user", None, None, None),
        ("patents_granted", "observed", "user", None, None, "a survey; yearbook 2021"),
    ]


def test_user_values_have_origin_user(build, small):
    small.tables["observations"] = [
        row | {"source": "survey 2021"} for row in small.tables["observations"]
    ]
    own = build(small)
    assert own.succeeded, own.message
    rows = own.query("select data_origin, citation, source_file, sha256 from marts.data_sources")
    path = own.warehouse.parents[1] / "data" / "observations.csv"
    expected = hashlib.sha256(path.read_bytes()).hexdigest()
    assert {row[1:] for row in rows} == {("survey 2021", "observations.csv", expected)}
    assert {row[0] for row in rows} == {"user"}


def test_build_info_describes_the_build(shipped):
    ((build_id, source, indices, scores, first, last, synthetic),) = shipped.query(
        "select build_id, data_source, n_indices, n_scores, first_period, last_period, "
        "has_synthetic from marts.build_info"
    )
    assert (build_id, source, synthetic) == ("unpublished", "shipped", True)
    assert (indices, scores, first, last) == shipped.query(
        "select count(distinct index_code), count(*), min(period), max(period) "
        "from marts.index_scores where scheme = 'headline'"
    )[0]
