"""Files that are no input tables are recognised by kind."""

from pathlib import Path

import pytest

from credit_indices.pipeline.ingest_hints import hint_by_header, hint_by_name, ingest_command

REQUIRED = ("unit_id", "period", "indicator_code", "value")
FILE = Path("/data/observations.csv")


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("unit_id;period;indicator_code;value", "by semicolons"),
        ("unit_id|period", "by vertical bars"),
        ("unit_id,2019,2020", "a column for each of 2019 to 2020"),
        ("unit_id,indicator_code,FY2019,FY2020", "a column for each of FY2019 to FY2020"),
        ("unit_id,period,gdp,patents", "gdp, patents are columns"),
        ("unit_id,period,indicator_code,value", None),
        ("unit_id,period,indicator_code,valeu", None),
        ("unit_id,period,indicator,amount", None),
        ("unit_id", None),
    ],
)
def test_headers_of_other_layouts(header, expected):
    found = hint_by_header(FILE, header.split(","), REQUIRED)
    assert (found is None) == (expected is None)
    assert expected is None or expected in found
    assert hint_by_header(FILE, header.split(","), ("unit_id", "name_en")) is None or (
        "," not in header
    )


def test_kinds_by_ending(tmp_path):
    for name in ("a.xlsx", "b.dta", "c.csv"):
        (tmp_path / name).touch()
    assert "is an Excel workbook: run make ingest FROM=" in hint_by_name(tmp_path / "a.xlsx")
    assert hint_by_name(tmp_path / "b.dta") == (
        "b.dta is a Stata file: save its table as CSV UTF-8 first."
    )
    assert hint_by_name(tmp_path / "c.csv") is None
    assert hint_by_name(tmp_path / "absent.xlsx") is None
    assert "FROM='/a b/x.xls' TO=" in ingest_command(Path("/a b/x.xls"))
