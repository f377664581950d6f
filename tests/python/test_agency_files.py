"""Every agency file of the shipped data is described in each place that its recipe names."""

import csv
import json

import pytest
import yaml
from conftest import PROJECT

RAW = PROJECT / "seeds" / "raw"
GENERATORS = PROJECT / "synthetic"
DERIVED_FROM = {"nbs_land_area"}  # read by int_observations__derived, without periods


def rows_of(path) -> list[dict]:
    with open(path, encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def missing(a, b) -> str:
    return ", ".join(sorted(set(a) - set(b)))


@pytest.fixture(scope="module")
def files(runner) -> dict:
    return json.loads(runner.rendered("{{ tojson(agency_files()) }}"))


@pytest.mark.parametrize("seed", sorted(path.stem for path in RAW.glob("*.csv")))
def test_agency_file_is_described_everywhere(files, seed):
    """The messages name the missing step of CONTRIBUTING.md, Add an indicator source."""
    with open(RAW / f"{seed}.csv", encoding="utf-8", newline="") as stream:
        header = next(csv.reader(stream))
    described = yaml.safe_load((RAW / "_raw__seeds.yml").read_text(encoding="utf-8"))["seeds"]
    yaml_of = {row["name"]: row for row in described}.get(seed, {})
    types = yaml_of.get("config", {}).get("column_types", {})
    texts = {row["name"] for row in yaml_of.get("columns", []) if row.get("description")}
    without = missing(header, types) or missing(header, texts)
    assert not without, f"seeds/raw/_raw__seeds.yml: add type and description of {seed}: {without}"
    extra = missing(types, header) or missing(texts, header)
    assert not extra, f"seeds/raw/_raw__seeds.yml: {seed}.csv has no column {extra}"
    if seed in DERIVED_FROM:
        return
    assert seed in files, f"macros/input/agency_files.sql: add {seed}"
    file = files[seed]
    listed = [file["unit"], file["period"], *file["columns"]]
    unlisted = missing(header, listed)
    assert not unlisted, f"macros/input/agency_files.sql: add to {seed}: {unlisted}"
    absent = missing(listed, header)
    assert not absent, f"macros/input/agency_files.sql: {seed}.csv has no column {absent}"
    assert types[file["unit"]] == "varchar", f"seeds/raw/_raw__seeds.yml: {file['unit']} is a code"
    is_synthetic = file["data_origin"] == "synthetic"
    assert seed.startswith("synthetic_") == is_synthetic, (
        f"{seed}.csv: the names of synthetic files, and only these, begin with synthetic_"
    )
    if is_synthetic:
        guide = (PROJECT / "docs/methods/synthetic_data.md").read_text(encoding="utf-8")
        assert f"`{seed}.csv`" in guide, f"docs/methods/synthetic_data.md: add {seed}.csv"
        generators = [path.read_text(encoding="utf-8") for path in GENERATORS.glob("*.py")]
        assert any(f'"{seed}.csv"' in text for text in generators), (
            f"synthetic/: no generator writes {seed}.csv; `make seeds` must reproduce it"
        )
    catalog = {
        row["indicator_code"]: row for row in rows_of(PROJECT / "seeds/catalog/indicators.csv")
    }
    for code in file["columns"].values():
        row = catalog.get(code)
        assert row, f"seeds/catalog/indicators.csv: add {code}, a column of {seed}.csv"
        assert row["data_origin"] == file["data_origin"], (
            f"seeds/catalog/indicators.csv: data_origin of {code} is {row['data_origin']}, "
            f"{seed}.csv is {file['data_origin']}"
        )
        empty = [name for name in ("name_zh", "unit", "source_agency", "citation") if not row[name]]
        assert not empty, f"seeds/catalog/indicators.csv: {code} has no {', '.join(empty)}"


def test_agency_files_lists_only_files_that_exist(files):
    assert not missing(files, {path.stem for path in RAW.glob("*.csv")})
