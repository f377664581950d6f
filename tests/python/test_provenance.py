"""Which build one looks at, what every column means, and where every figure comes from."""

import hashlib

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


def test_every_observation_has_a_source_whose_hash_is_that_of_its_file(shipped):
    files = shipped.query("select distinct source_file, sha256 from marts.data_sources")
    seeds = {f"seeds/raw/{path.name}" for path in (PROJECT / "seeds" / "raw").glob("*.csv")}
    assert {name for name, _ in files} == seeds - {"seeds/raw/nbs_land_area.csv"}
    for name, sha256 in files:
        assert hashlib.sha256((PROJECT / name).read_bytes()).hexdigest() == sha256
    assert shipped.value("select sum(n_observations) from marts.data_sources") == shipped.value(
        "select count(*) from intermediate.int_observations__accepted"
    )
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


def test_a_users_figures_are_the_users(build, small):
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


def test_a_build_says_what_it_is(shipped):
    ((build_id, source, indices, scores, first, last, synthetic),) = shipped.query(
        "select build_id, data_source, n_indices, n_scores, first_period, last_period, "
        "has_synthetic from marts.build_info"
    )
    assert (build_id, source, synthetic) == ("unpublished", "shipped", True)
    assert (indices, scores, first, last) == shipped.query(
        "select count(distinct index_code), count(*), min(period), max(period) "
        "from marts.index_scores where scheme = 'headline'"
    )[0]
