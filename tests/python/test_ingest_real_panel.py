"""The official panel from its source files, against the same values in canonical form."""

import csv
import os
import shutil
from collections import Counter
from decimal import Decimal
from pathlib import Path

import pytest

from credit_indices.ingest import ingest

FOLDER = os.environ.get("CREDIT_INDICES_REAL_PANEL")
pytestmark = pytest.mark.skipif(
    not FOLDER, reason="CREDIT_INDICES_REAL_PANEL does not name the folder of the real panel"
)


def read(path: Path) -> dict[tuple[str, str, str], str]:
    with open(path, encoding="utf-8", newline="") as stream:
        found = [row for row in csv.DictReader(stream)]
    values = {(r["unit_id"], r["period"], r["indicator_code"]): r["value"] for r in found}
    assert len(values) == len(found)
    return values


@pytest.fixture(scope="module")
def ingested(tmp_path_factory) -> dict[tuple[str, str, str], str]:
    """All raw files at once, under the catalog of the canonical values."""
    folder = tmp_path_factory.mktemp("real_panel")
    data, raw = folder / "data", folder / "raw"
    shutil.copytree(Path(FOLDER) / "nbs_exports", raw)
    shutil.copy(Path(FOLDER) / "communications_gbk.csv", raw)
    data.mkdir()
    for table in ("units", "indicators"):
        shutil.copy(Path(FOLDER) / "canonical" / f"{table}.csv", data)
    result = ingest(raw, data, years="2011-2020")
    assert result.rejected == []
    waiting = {line.partition(" '")[0] for line in result.pending}
    # Three tables and two columns are none of the canonical indicators.
    assert waiting == {
        "communications_gbk.csv column E",
        "communications_gbk.csv column H",
        "communications_gbk.csv column L",
        "invention_patent_applications.csv",
        "patent_applications.csv",
        "science_technology_expenditure.csv",
    }
    return read(data / "observations.csv")


def test_exactly_the_canonical_values_are_ingested(ingested):
    canonical = read(Path(FOLDER) / "canonical" / "observations.csv")
    assert ingested.keys() == canonical.keys()
    found = Counter()
    for key, text in canonical.items():
        ours, theirs = Decimal(ingested[key]), Decimal(text)
        if ours == theirs:
            found[key[2], "equal"] += 1
        else:
            # The spreadsheet prints the length of cables to four decimals.
            assert key[2] == "optical_cable_length", key
            assert abs(ours - theirs) <= Decimal("0.00005"), key
            found[key[2], "rounded in the file"] += 1
    assert found.pop(("optical_cable_length", "rounded in the file")) == 278
    assert found.pop(("optical_cable_length", "equal")) == 32
    assert found.pop(("tech_market_turnover", "equal")) == 304
    assert len(found) == 10
    assert set(found.values()) == {310}


def test_values_are_file_texts_without_separators_and_zeros(ingested):
    with open(Path(FOLDER) / "communications_gbk.csv", encoding="gb18030", newline="") as stream:
        rows = list(csv.DictReader(stream))
    gdp = [row["人均地区生产总值(元)"] for row in rows if row["地区"] == "北京"]
    assert gdp[:3] == ["81,658", "87,475", "94,647.8813"]
    ours = [ingested["11", str(year), "gdp_per_capita"] for year in (2011, 2012, 2013)]
    assert ours == ["81658", "87475", "94647.8813"]
