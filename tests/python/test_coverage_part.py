"""The part coverage runs only if it is named, and publishes nothing about a single enterprise."""

import coverage_folder as folder
import duckdb
import pytest
from conftest import PROJECT, DataDir, environment
from coverage_folder import Warehouses, consents_to, record
from test_early_warning import KEY, enterprise_rows

from credit_indices.pipeline import check, enterprise_codes, parts

TABLES = {"coverage_records", "ratings", "rating_grades"}


@pytest.fixture(scope="module")
def nodes(project):
    manifest = project.parse()

    def of(chosen, tables=frozenset()):
        found = parts.nodes(manifest, parts.with_needed(manifest, chosen), set(tables))
        names = {manifest.nodes[code].name for code in found}
        words = ("coverage", "rating", "synthetic_ratings")
        return {name for name in names if any(word in name for word in words)}

    return of


def test_part_runs_only_if_named(nodes):
    known = parts.known()
    named = nodes(["coverage"])
    assert {"credit_coverage", "rating_agreement", "synthetic_coverage_records"} <= named
    for tables in ((), TABLES, {"enterprises"}, {"observations", "coverage_records"}):
        chosen = parts.selected(known, set(tables))
        assert "coverage" not in chosen
        # The early warning reads days of the register, but no seed or model of the part.
        assert nodes(chosen, tables) <= {"song_liu_2025_coverage"}, tables


def test_own_tables_replace_the_seeds(nodes):
    seeds = {"synthetic_coverage_records", "synthetic_ratings", "rating_grades"}
    assert seeds <= nodes(["coverage"])
    assert nodes(["coverage"], {"enterprises"}) & seeds == {"rating_grades"}
    assert nodes(["coverage"], TABLES) & seeds == set()


def test_no_other_part_needs_it(project):
    manifest = project.parse()
    for part in set(parts.known()) - {"coverage"}:
        assert "coverage" not in parts.with_needed(manifest, [part])


@pytest.fixture(scope="module")
def built(runner, seeded_warehouse, tmp_path_factory):
    """A folder whose texts hold a mark wherever a person or an enterprise may be named."""
    warehouses = Warehouses(runner, seeded_warehouse, tmp_path_factory.mktemp("coverage"))
    enterprises = [row | {"name": f"MARK {row['name']}"} for row in enterprise_rows(40)]
    records = [
        record(row, kind, "2020-01-01", source="MARK source")
        for kind in ("bank", "alternative", "MARK kind")
        for row in enterprises[:30]
    ]
    records.append(record(enterprises[0], "bank", "MARK day", "MARK day"))
    ratings = [
        {
            "enterprise_id": row["enterprise_id"],
            "agency": f"MARK agency {number}",
            "region": region,
            "grade": "AA",
            "rated_at": "2021-01-01",
        }
        for number, row in enumerate(enterprises)
        for region in ("31", "3301", "MARK region")
    ]
    consents = consents_to("coverage", enterprises) + consents_to("ratings", enterprises)
    given = folder.tables(enterprises, records, consents) | {"ratings": ratings}
    built = warehouses.build(DataDir(given))
    assert built.succeeded, built.message
    return built, {row["enterprise_id"] for row in enterprises}


def test_published_texts_name_nobody(built):
    build, ids = built
    with duckdb.connect(str(build.warehouse), read_only=True) as connection:
        assert connection.execute(
            "select count(*) from restricted.int_coverage__quarantined where value like 'MARK%'"
        ).fetchone() == (30 + 1 + 40,)
        columns = connection.execute(
            "select schema_name, table_name, column_name from duckdb_columns() "
            "where data_type = 'VARCHAR' and not internal "
            "and schema_name not in ('restricted', 'state')"
        ).fetchall()
        published = {
            text
            for schema, table, column in columns
            for (text,) in connection.execute(
                f'select distinct "{column}" from "{schema}"."{table}" where "{column}" is not null'
            ).fetchall()
        }
    assert len(published) > 100
    named = [text for text in published if "MARK" in text or any(one in text for one in ids)]
    assert named == []


def test_regions_are_compared_and_small_agencies_are_not_named(built):
    found = built[0].query(
        "select region_1, region_2, agency_1, n_enterprises from marts.rating_recognition"
    )
    assert found == [("31", "3301", "all", 40)]


def test_check_counts_quarantined_records(tmp_path, monkeypatch, capsys):
    rows = enterprise_rows(3)
    records = [record(row, kind, "2021-01-01") for row in rows for kind in ("bank", "x")]
    place = DataDir(folder.tables(rows, records)).write(tmp_path / "data")
    monkeypatch.chdir(PROJECT)
    with environment(**{enterprise_codes.KEY_VARIABLE: KEY}):
        check.check(str(place), tmp_path / "credit_indices.duckdb")
    assert (
        "3 record(s) of coverage or ratings quarantined: kind is not one of bank, alternative "
        "(first: coverage_records.csv row 3)" in capsys.readouterr().out
    )
