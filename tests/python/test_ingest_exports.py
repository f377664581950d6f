"""Exports of statistical sites and programs: read at once where they are plain, else they wait.

All files are made up, in the layouts that OECD, Eurostat, IMF, Our World in Data, the National Bureau
of Statistics, CSMAR, pandas, Excel and COINr write.
"""

import pytest
from ingest_folder import table

UNITS = {"DEU": "Germany", "FRA": "France", "CHN": "China"}
INDICATORS = {
    "inet": ("Individuals using the Internet", "percent"),
    "gdp": ("Gross domestic product", "million euro"),
    "B1GQ": ("", "US dollar"),
    "NGDPD": ("", "billion US dollar"),
    "LUR": ("", "percent"),
    "score": ("Score", "index"),
    "area": ("Land area", ""),
}


@pytest.fixture
def world(folder):
    """A folder whose catalog has three countries and a few indicators."""
    catalog(folder, UNITS, INDICATORS)
    return folder


def catalog(folder, units, indicators):
    folder.data.mkdir(exist_ok=True)
    lines = [f"{code},{name},,x" for code, name in units.items()]
    (folder.data / "units.csv").write_text(
        "\n".join(["unit_id,name_en,name_zh,region", *lines]) + "\n", encoding="utf-8"
    )
    lines = [f"{code},{name},,{unit},x,user,,,fail" for code, (name, unit) in indicators.items()]
    head = "indicator_code,name_en,name_zh,unit,source_agency,data_origin"
    head += ",lower_bound,upper_bound,missing_policy"
    (folder.data / "indicators.csv").write_text("\n".join([head, *lines]) + "\n", encoding="utf-8")


def is_read(folder, expected):
    """Run; the values are exactly these, and nothing waits or was rejected."""
    result = folder.run()
    assert result.waiting == []
    assert [(cell.text, cell.reason) for _, cell in result.rejected] == []
    assert folder.figures() == expected
    again = folder.run()
    assert (again.waiting, again.is_changed) == ([], False)
    return result


def waits(folder, *words):
    """Run; no value is read, cells wait, and one line says all these words."""
    result = folder.run()
    assert not (folder.data / "observations.csv").exists()
    assert result.total("waiting") > 0
    lines = [line for line in result.waiting if all(word in line for word in words)]
    assert lines, result.waiting
    folder.run()  # the mapping can be read again
    return result


EUROSTAT = (
    "DATAFLOW,LAST UPDATE,freq,indic_is,unit,geo,TIME_PERIOD,OBS_VALUE,OBS_FLAG,CONF_STATUS\n"
)
DATAFLOW = "ESTAT:ISOC(1.0),22/05/26 11:00:00"


def test_sdmx_csv_of_eurostat(world):
    world.put(
        EUROSTAT
        + f"{DATAFLOW},A,inet,PC_IND,DEU,2019,93.2,,\n"
        + f"{DATAFLOW},A,inet,PC_IND,DEU,2020,94.1,b,\n"
        + f"{DATAFLOW},A,inet,PC_IND,FRA,2019,89.0,bp,F\n"
        + f"{DATAFLOW},A,inet,PC_IND,FRA,2020,,,\n"
    )
    result = is_read(
        world,
        {
            ("DEU", "2019", "inet"): "93.2",
            ("DEU", "2020", "inet"): "94.1",
            ("FRA", "2019", "inet"): "89",
        },
    )
    notes = "\n".join(result.notes)
    assert "OBS_FLAG: b: 1 value(s), bp: 1 value(s)" in notes
    assert "CONF_STATUS: F: 1 value(s)" in notes
    assert "freq A" in notes
    assert result.total("missing") == 1
