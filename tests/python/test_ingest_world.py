"""Files of the World Bank and of others about countries: read at once, aggregates counted."""

import csv
import os
import shutil
from collections import Counter
from decimal import Decimal
from pathlib import Path

import pytest
from ingest_folder import Folder, table

from credit_indices.ingest import IngestError, countries, exports
from credit_indices.ingest.catalog import Catalog, Indicator
from credit_indices.ingest.cell_text import Unreadable, year
from credit_indices.ingest.sheets import Sheet
from credit_indices.ingest.unit_statements import contradict

UNITS = ("FRA,France,法国", "ITA,Italy,意大利", "KOR,Korea (Republic of),韩国")
NPL = "Bank nonperforming loans to total gross loans (%)"
INDICATORS = (
    f"FB.AST.NPER.ZS,{NPL},银行不良贷款率,%",
    "gdp_pc,GDP per capita (current US$),,US dollar",
    "inet,Individuals using the Internet,,percent",
)
PREAMBLE = (
    '"Data Source","World Development Indicators",\r\n\r\n"Last Updated Date","2024-06-28",\r\n\r\n'
)
HEADER = '"Country Name","Country Code","Indicator Name","Indicator Code","2019","2020",\r\n'
NPER = f'"{NPL}","FB.AST.NPER.ZS"'
SITE = (
    f'"France","FRA",{NPER},"2.5","2.4",\r\n"Euro area","EMU",{NPER},"3.1","",\r\n'
    f'"Korea, Rep.","KOR",{NPER},"","0.2",\r\n"World","WLD",{NPER},"4","5",\r\n'
)
NPL_OF_SITE = {
    ("FRA", "2019", "FB.AST.NPER.ZS"): "2.5",
    ("FRA", "2020", "FB.AST.NPER.ZS"): "2.4",
    ("KOR", "2020", "FB.AST.NPER.ZS"): "0.2",
}


@pytest.fixture
def folder(tmp_path) -> Folder:
    made = Folder(tmp_path)
    catalog(made)
    return made


def catalog(folder: Folder, units=UNITS, indicators=INDICATORS) -> None:
    folder.data.mkdir(exist_ok=True)
    for name, head, rows in (
        ("units", "unit_id,name_en,name_zh", units),
        ("indicators", "indicator_code,name_en,name_zh,unit", indicators),
    ):
        lines = [head, *rows]
        (folder.data / f"{name}.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")


def assert_read_at_once(folder: Folder, **options):
    """Run without a mapping; assert that nothing is rejected or pending and a rerun is the same."""
    result = folder.run(**options)
    assert result.rejected == []
    assert result.pending == []
    assert not folder.run().is_changed
    return result


# Layouts of the World Bank


def test_site_export(folder):
    folder.put("\ufeff" + PREAMBLE + HEADER + SITE, "API_FB.AST.NPER.ZS_DS2.csv")
    result = assert_read_at_once(folder)
    assert folder.values_by_key() == NPL_OF_SITE
    assert "export: world_bank\n" in folder.mapping()
    assert "unit_column: B\n    indicator_column: D\n" in folder.mapping()
    assert any(
        "ignored 3 value(s) of 2 aggregate(s)" in note and "EMU (Euro area); WLD (World)" in note
        for note in result.notes
    )


@pytest.mark.parametrize(
    "text",
    [
        HEADER + SITE,  # the bulk file, or the preamble taken off
        (HEADER + SITE).replace(",\r\n", "\n"),
        (PREAMBLE + HEADER + SITE).replace(",", ";").replace("Korea; Rep.", "Korea, Rep."),
        (HEADER + SITE).replace(",", "\t").replace("Korea\t Rep.", "Korea, Rep."),
        # pandas: a number of the row, and the column that the trailing comma makes
        ",Country Name,Country Code,Indicator Name,Indicator Code,2019,2020,Unnamed: 66\n"
        f'0,France,FRA,{NPER},2.5,2.4,\n1,"Korea, Rep.",KOR,{NPER},,0.2,\n',
        # R: names of columns without spaces
        '"","Country.Name","Country.Code","Indicator.Name","Indicator.Code","X2019","X2020"\n'
        f'"1","France","FRA",{NPER},2.5,2.4\n"2","Korea, Rep.","KOR",{NPER},NA,0.2\n',
        # Stata: wbopendata
        "countrycode,countryname,region,regionname,indicatorname,indicatorcode,yr2019,yr2020\n"
        f'FRA,France,ECS,Europe,{NPER},2.5,2.4\nKOR,"Korea, Rep.",EAS,Asia,{NPER},,0.2\n',
    ],
    ids=["bulk", "lf", "semicolons", "tabs", "pandas", "r", "stata"],
)
def test_site_export_as_programs_rewrite_it(folder, text):
    folder.put(text, "gdp growth of women.csv")  # the format names its indicators, not the file
    if ";" in text:
        text = text.replace(".", ",")
    result = folder.run()
    assert result.rejected == []
    assert result.pending == []
    assert folder.values_by_key() == NPL_OF_SITE


def test_site_export_as_workbook(folder):
    rows = list(csv.reader((PREAMBLE + HEADER + SITE).splitlines()))
    rows = [row[:4] + [float(cell) if cell else None for cell in row[4:]] for row in rows]
    meta = [["Country Code", "Region", "IncomeGroup", "TableName"], ["FRA", "", "2", "France"]]
    folder.book({"Data": rows, "Metadata - Countries": meta}, "API_FB.xlsx")
    result = assert_read_at_once(folder)
    assert folder.values_by_key() == NPL_OF_SITE
    assert any("Metadata - Countries holds descriptions" in note for note in result.notes)


@pytest.mark.parametrize(
    "head",
    [
        "Country Name,Country Code,Series Name,Series Code",
        "Series Name,Series Code,Country Name,Country Code",
        "Country Code,Series Code,Country Name,Series Name",
    ],
)
@pytest.mark.parametrize("years", ["2019 [YR2019],2020 [YR2020]", "YR2019,YR2020", "2019,2020"])
def test_databank(folder, head, years):
    cells = {"Country Name": '"Korea, Rep."', "Country Code": "KOR", "Series Name": NPL}
    cells["Series Code"] = "FB.AST.NPER.ZS"
    record = ",".join(cells[name] for name in head.split(","))
    total = record.replace("KOR", "EMU").replace('"Korea, Rep."', "Euro area")
    folder.put(
        f"\ufeff{head},{years}\n{record},..,0.25\n{total},..,3\n,,,,,\n,,,,,\n,,,,,\n"
        "Data from database: World Development Indicators,,,,,\nLast Updated: 04/08/2022,,,,,\n",
        "1f_Data.csv",
    )
    result = assert_read_at_once(folder)
    assert folder.values_by_key() == {("KOR", "2020", "FB.AST.NPER.ZS"): "0.25"}
    assert result.total("missing") == 1


def test_databank_with_a_column_per_series(folder):
    folder.put(
        f"Time,Time Code,Country Name,Country Code,{NPL} [FB.AST.NPER.ZS],"
        "GDP per capita (current US$) [NY.GDP.PCAP.CD]\n"
        "2019,YR2019,France,FRA,2.5,40494.9\n2020,YR2020,France,FRA,..,39179.7\n"
        "2019,YR2019,World,WLD,4,11340\n,,,,,\n"
        "Data from database: World Development Indicators,,,,,\nLast Updated: 06/28/2024,,,,,\n"
    )
    assert_read_at_once(folder)
    assert folder.values_by_key() == {
        ("FRA", "2019", "FB.AST.NPER.ZS"): "2.5",
        ("FRA", "2019", "gdp_pc"): "40494.9",
        ("FRA", "2020", "gdp_pc"): "39179.7",
    }


@pytest.mark.parametrize("word", ["Year", "Attribute", "variable", "Time"])
def test_unpivoted(folder, word):
    folder.put(
        f"Country Name,Country Code,Indicator Name,Indicator Code,{word},Value\n"
        f'France,FRA,{NPER},2019,2.5\n"Korea, Rep.",KOR,{NPER},2020,0.2\n'
        f"France,FRA,{NPER},2020,2.4\nWorld,WLD,{NPER},2020,4\n"
    )
    assert_read_at_once(folder)
    assert folder.values_by_key() == NPL_OF_SITE


EXTRA = "High income,IBRD"
PACKAGES = {
    "WDI": "country,iso2c,iso3c,year,FB.AST.NPER.ZS\n"
    'France,FR,FRA,2019,2.5\nFrance,FR,FRA,2020,2.4\n"Korea, Rep.",KR,KOR,2020,0.2\n',
    "WDI with extra": '"","country","iso2c","iso3c","year","status","lastupdated",'
    '"FB.AST.NPER.ZS","region","capital","longitude","latitude","income","lending"\n'
    f"1,France,FR,FRA,2019,,2024-06-28,2.5,Europe,Paris,2.35,48.85,{EXTRA}\n"
    f"2,France,FR,FRA,2020,,2024-06-28,2.4,Europe,Paris,2.35,48.85,{EXTRA}\n"
    f'3,"Korea, Rep.",KR,KOR,2020,,2024-06-28,0.2,Asia,Seoul,126.9,37.5,{EXTRA}\n'
    f"4,Euro area,XC,EMU,2020,,2024-06-28,3,Aggregates,,,,{EXTRA}\n",
    "wbstats": "iso2c,iso3c,country,date,FB.AST.NPER.ZS,unit,obs_status,footnote,last_updated\n"
    "FR,FRA,France,2019,2.5,NA,NA,NA,2024-06-28\nFR,FRA,France,2020,2.4,NA,NA,NA,2024-06-28\n"
    'KR,KOR,"Korea, Rep.",2020,0.2,NA,NA,NA,2024-06-28\n',
    "wbstats long": "indicator_id,indicator,iso2c,iso3c,country,date,value,unit,last_updated\n"
    f"FB.AST.NPER.ZS,{NPL},FR,FRA,France,2019,2.5,NA,2024-06-28\n"
    f"FB.AST.NPER.ZS,{NPL},FR,FRA,France,2020,2.4,NA,2024-06-28\n"
    f'FB.AST.NPER.ZS,{NPL},KR,KOR,"Korea, Rep.",2020,0.2,NA,2024-06-28\n',
    "wbgapi": "economy,series,YR2019,YR2020\nFRA,FB.AST.NPER.ZS,2.5,2.4\nKOR,FB.AST.NPER.ZS,,0.2\n",
    "wbgapi with labels": "economy,series,Country,Series,YR2019,YR2020\n"
    f'FRA,FB.AST.NPER.ZS,France,{NPL},2.5,2.4\nKOR,FB.AST.NPER.ZS,"Korea, Rep.",{NPL},,0.2\n',
    "JSON of the API": "countryiso3code,date,value,unit,obs_status,decimal,indicator.id,"
    "indicator.value,country.id,country.value\n"
    f"FRA,2019,2.5,,,1,FB.AST.NPER.ZS,{NPL},FR,France\n"
    f"FRA,2020,2.4,,,1,FB.AST.NPER.ZS,{NPL},FR,France\n"
    f'KOR,2020,0.2,,,1,FB.AST.NPER.ZS,{NPL},KR,"Korea, Rep."\n',
}


@pytest.mark.parametrize("package", PACKAGES)
def test_tables_of_packages(folder, package):
    folder.put(PACKAGES[package])
    assert_read_at_once(folder)
    assert folder.values_by_key() == NPL_OF_SITE


def test_a_column_of_units_of_measurement_is_pending(folder):
    folder.put(PACKAGES["wbstats"].replace("2.5,NA", "2.5,thousand"))
    waiting = folder.run().pending
    assert any("The file states 'thousand'" in line for line in waiting)
    assert folder.run().accepted == {}


def test_a_column_of_scales_is_pending(folder):
    head = "Country Name,Country Code,Series Name,Series Code,Scale (Precision),2019\n"
    folder.put(f"{head}France,FRA,{NPER},Millions (0),2.5\n")
    (waiting,) = folder.run().pending
    assert "Millions (0)" in waiting


def test_countries_across_are_not_read(folder):
    folder.put(
        "Series Name,Series Code,Time,Time Code,France [FRA],Italy [ITA]\n"
        f"{NPER},2019,YR2019,2.5,3\n"
    )
    (waiting,) = folder.run().pending
    assert "the countries are columns" in waiting


def test_ddf_data_points(folder):
    folder.put(
        "country,year,fb_ast_nper_zs\nfra,2019,2.5000\nkor,2020,0.2\nfra,2020,2.4\nwld,2020,4\n",
        "ddf--datapoints--fb_ast_nper_zs--by--country--year.csv",
    )
    assert_read_at_once(folder)
    assert folder.values_by_key() == NPL_OF_SITE


def test_ddf_by_another_key_is_not_a_known_format(folder):
    name = "ddf--datapoints--fb_ast_nper_zs--by--country--year--gender.csv"
    folder.put("country,year,gender,fb_ast_nper_zs\nfra,2019,male,2.5\nfra,2019,female,2\n", name)
    assert len(folder.run().pending) == 1


@pytest.mark.parametrize(
    "text",
    [
        "Country Code,Region,IncomeGroup,SpecialNotes,TableName,\r\nFRA,2,High income,,France,\r\n",
        "INDICATOR_CODE,INDICATOR_NAME,SOURCE_NOTE,SOURCE_ORGANIZATION\nNPL,NPL (%),20,IMF\n",
        "CountryCode,SeriesCode,Year,DESCRIPTION\nFRA,NPL,2019,estimate\n",
    ],
)
def test_metadata_holds_no_observations(folder, text):
    folder.put(text, "Metadata_Country.csv")
    result = folder.run()
    assert result.pending == []
    assert any("no observations, and is ignored" in note for note in result.notes)


def test_an_extra_line_above_the_header_is_examined(folder):
    folder.put('"In millions of US$",,,,,\r\n' + HEADER + SITE)
    (waiting,) = folder.run().pending
    assert "millions" in waiting


def test_an_extra_note_is_examined(folder):
    folder.put(HEADER + SITE + '"in millions of US$",,,,,,\r\n')
    assert "millions" in folder.run().pending[0]


def test_an_extra_column_is_examined(folder):
    folder.put(
        HEADER.replace('"2019"', '"Sex","2019"')
        + SITE.replace('NPER.ZS",', 'NPER.ZS","female",', 1).replace(
            f'"World","WLD",{NPER},', f'"World","WLD",{NPER},"male",'
        )
    )
    (waiting,) = folder.run().pending
    assert "column E 'Sex'" in waiting


# Indicators and their units of measurement


def test_names_are_matched_if_no_code_is_known(folder):
    name = "GDP per capita (current US$)"
    folder.put(PREAMBLE + HEADER + f'"France","FRA","{name}","NY.GDP.PCAP.CD","1","2",\r\n')
    assert_read_at_once(folder)
    assert "indicator_column: C\n" in folder.mapping()
    assert folder.values_by_key()["FRA", "2020", "gdp_pc"] == "2"


def test_a_name_without_its_brackets_is_reported(folder):
    name = "Individuals using the Internet (% of population)"
    folder.put(PREAMBLE + HEADER + f'"France","FRA","{name}","IT.NET.USER.ZS","83.3","84",\r\n')
    result = assert_read_at_once(folder)
    assert folder.values_by_key()["FRA", "2019", "inet"] == "83.3"
    assert any(
        "states '% of population'; the values are assumed to be in the unit of inet" in note
        for note in result.notes
    )


def test_two_series_with_one_bare_name_are_pending(folder):
    catalog(folder, indicators=("gdp,GDP per capita,,US dollar",))
    folder.put(
        HEADER
        + '"France","FRA","GDP per capita (current US$)","NY.GDP.PCAP.CD","1","2",\r\n'
        + '"France","FRA","GDP per capita (constant 2015 US$)","NY.GDP.PCAP.KD","3","4",\r\n'
    )
    assert len(folder.run().pending) == 2


@pytest.mark.parametrize("unit", ["million US$", "yuan", "constant 2010 US$", "percent"])
def test_a_code_in_another_unit_of_measurement_is_pending(folder, unit):
    catalog(folder, indicators=(f"NY.GDP.PCAP.KD,GDP per head,,{unit}",))
    name = "GDP per capita (constant 2015 US$)"
    folder.put(HEADER + f'"France","FRA","{name}","NY.GDP.PCAP.KD","1","2",\r\n')
    (waiting,) = folder.run().pending
    assert "The file states 'constant 2015 US$'" in waiting


UNITS_THAT_DIFFER = (
    ("kt", "Mt"), ("kWh", "GWh"), ("mm", "m"), ("kilograms", "tonnes"), ("hours", "days"),
    ("sq. km", "hectares"), ("annual %", "% of GDP"), ("constant 2015 US$", "US dollars"),
    ("1=best", "score"), ("sq. km", "km"), ("metric tons per capita", "metric tons"),
    ("US$", "constant 2015 US$"), ("% of GDP", "% of population"), ("kt of CO2 equivalent", "Mt"),
    ("years", "months"), ("days", "years"), ("Mt", "kt"), ("cubic meters", "m"),
    ("kWh per capita", "per capita"),
)  # fmt: skip


@pytest.mark.parametrize(("stated", "wanted"), UNITS_THAT_DIFFER)
@pytest.mark.parametrize("code", ["X.Y", "other"])
def test_another_unit_of_measurement_is_pending(folder, code, stated, wanted):
    name = "Thing" if code == "other" else "A thing"
    catalog(folder, indicators=(f"X.Y,{name},,{wanted}",))
    folder.put(HEADER + f'"France","FRA","Thing ({stated})","{code}","83","84",\r\n')
    (waiting,) = folder.run().pending
    assert f"The file states '{stated}'" in waiting
    assert not (folder.data / "observations.csv").exists()


def test_the_catalogs_own_name_states_no_other_unit(folder):
    catalog(folder, indicators=("co2,CO2 emissions (kt),,Mt",))
    folder.put(HEADER + '"France","FRA","CO2 emissions (kt)","X.Y","83","84",\r\n')
    assert len(folder.run().pending) == 1
    assert not (folder.data / "observations.csv").exists()


@pytest.mark.parametrize(
    ("stated", "wanted", "value"),
    [
        ("% of adults", "%", "83"),
        ("%", "% of adults", "83"),
        ("% of population", "percent", "83"),
        ("annual %", "%", "83"),
        ("per 100,000 adults", '"per 100,000 adults"', "83"),
        ("0=low to 8=high", "score", "83"),
        ("current US$", "US dollars", "83"),
        ("US$ million", "million US dollars", "83"),
        ("mm per year", "mm", "83"),
        ("metric tons", "tonnes", "83"),
        ("modeled ILO estimate", "persons", "83"),
        ("% of persons aged 15", "%", "83"),
        ("people per sq. km of land area", "persons per km2", "83"),
        ("BoP, current US$", "US dollars", "83"),
        ("kt", "", "83"),
        ("km", "m", "83000"),
        ("million US$", "US dollars", "83000000"),
    ],
)
def test_the_same_unit_in_other_words_is_read(folder, stated, wanted, value):
    catalog(folder, indicators=(f"X.Y,A thing,,{wanted}",))
    folder.put(HEADER + f'"France","FRA","Thing ({stated})","X.Y","83","84",\r\n')
    assert_read_at_once(folder)
    assert folder.values_by_key()["FRA", "2019", "X.Y"] == value


@pytest.mark.parametrize("stated", ["female", "% of population ages 15-24", "growth"])
def test_a_part_in_brackets_is_not_dropped(folder, stated):
    catalog(folder, indicators=("x,Thing,,", "y,Other,,%"))
    folder.put(HEADER + f'"France","FRA","Thing ({stated})","X.Y","83","84",\r\n')
    assert len(folder.run().pending) == 1
    assert not (folder.data / "observations.csv").exists()


# Codes and names that contradict each other

PAIR = ("g,Schooling,,years", "h,Health,,score")


@pytest.mark.parametrize(
    ("text", "ambiguity"),
    [
        (
            "Country Name,Country Code,Indicator Name,Indicator Code,2019\n"
            "Italy,ITA,Schooling,g,1\nItaly,FRA,Schooling,g,83\nFrance,ITA,Schooling,g,67\n",
            "row 3: Country Code 'FRA' and Country Name 'Italy' name different units",
        ),
        ("Entity,Code,Year,g\nItaly,FRA,2019,83\n", "row 2: Code 'FRA' and Entity 'Italy' name"),
        ("uName,uCode,Time,g\nItaly,FRA,2019,83\n", "row 2: uCode 'FRA' and uName 'Italy' name"),
        ("country,iso3,year,g\nItaly,FRA,2019,83\nFrance,ITA,2019,67\n", "name different units"),
        ("iso3,country,year,g\nKOR,South Korea,2019,1\nFRA,Italy,2019,83\n", "row 3: "),
        ("country,iso2c,iso3c,year,g\nFrance,IT,FRA,2019,83\n", "name different units"),
        (
            "REF_AREA,Reference area,INDICATOR,Indicator,TIME_PERIOD,OBS_VALUE\n"
            "FRA,Italy,g,Schooling,2019,83\n",
            "REF_AREA 'FRA' and Reference area 'Italy' name different units",
        ),
        (
            "REF_AREA,Reference area,INDICATOR,Indicator,TIME_PERIOD,OBS_VALUE\n"
            "FRA,France,g,Health,2019,83\n",
            "INDICATOR 'g' and Indicator 'Health' name different indicators",
        ),
        (
            "REF_AREA: Area,INDICATOR: Indicator,TIME_PERIOD: Time,OBS_VALUE: Value\n"
            "FRA: France,g: Health,2019,83\n",
            "'g: Health' names different indicators",
        ),
        (
            "Country Name,Country Code,Indicator Name,Indicator Code,2019\n"
            "France,FRA,Schooling,g,1\nFrance,FRA,Schooling (years),h,1\n",
            "row 3: Indicator Code 'h' and Indicator Name 'Schooling (years)' name different",
        ),
        (
            "Time,Time Code,Country Name,Country Code,Schooling [h.00]\n2019,YR2019,France,FRA,1\n",
            "'h.00' and 'Schooling' name different indicators",
        ),
    ],
)
def test_contradicting_codes_and_names_are_pending(folder, text, ambiguity):
    catalog(folder, indicators=(*PAIR, "h.00,Hundred,,"))
    folder.put(text)
    result = folder.run()
    assert any(ambiguity in line for line in result.pending), result.pending
    assert not (folder.data / "observations.csv").exists()


@pytest.mark.parametrize(
    "text",
    [
        'Country,iso3,year,g\n"Korea, Rep.",KOR,2019,1\nSouth Korea,KOR,2020,1\n',
        "Entity,Code,Year,g\nFrench Republic,FRA,2019,83\n",
        "uName,uCode,Time,g\nLa belle France,FRA,2019,83\n",
        "Country Name,Country Code,Indicator Name,Indicator Code,2019\n"
        "France,FRA,Years at school,g,1\n",
        "REF_AREA,Reference area,INDICATOR,Indicator,TIME_PERIOD,OBS_VALUE\n"
        "FRA,France,g,H,2019,83\n",  # the label of one is no other's code
    ],
)
def test_other_spellings_of_one_entry_are_not_ambiguous(folder, text):
    catalog(folder, indicators=PAIR)
    folder.put(text)
    assert_read_at_once(folder)


@pytest.mark.parametrize("head", ["Entity,Code,Year,g", "Country,iso3,Year,g"])
def test_a_new_file_with_another_name_is_reported(folder, head):
    catalog(folder, indicators=PAIR)
    folder.put(f"{head}\nItaly,ITA,2019,1\n")
    folder.run()
    folder.put(f"{head}\nItaly,FRA,2019,1\n")
    with pytest.raises(IngestError, match=r"name different units\. This is new"):
        folder.run()


def test_a_city_beside_its_province_is_not_ambiguous(folder):
    catalog(folder, units=("13,Hebei,河北省", "1301,Shijiazhuang,石家庄市"), indicators=PAIR)
    folder.put("省份,城市,年份,g\n河北省,石家庄市,2019,1\n")
    assert "different units" not in " ".join(folder.run().pending)


def test_unknown_codes_and_names_are_pending_with_suggestions(folder):
    folder.put(HEADER + '"France","FRA","Bank nonperforming loans","X.Y.Z","1","2",\r\n')
    (waiting,) = folder.run().pending
    assert "Similar: FB.AST.NPER.ZS" in waiting


@pytest.mark.parametrize(
    ("stated", "wanted", "expected"),
    [
        ("% of GDP", "%", False),
        ("% of GDP", "ratio", True),
        ("% of GDP", "persons", True),
        ("current US$", "USD", False),
        ("current US$", "美元", False),
        ("current US$", "百万美元", True),
        ("current US$", "yuan", True),
        ("current US$", "%", True),
        ("constant 2015 US$", "US dollars", False),
        ("constant 2015 US$", "constant 2010 US$", True),
        ("PPP, constant 2017 international $", "US$", True),
        ("constant LCU", "US$", True),
        ("per 100,000 adults", "per 100000 adults", False),
        ("per 100,000 adults", "per 1,000 adults", True),
        ("thousand metric tons", "metric tons", True),
        ("0=low to 8=high", "score", False),
        ("years", "", False),
    ],
)
def test_contradicting_units_of_measurement(stated, wanted, expected):
    assert contradict(stated, wanted) is expected


# The mapping of a known export


def test_an_unknown_export_is_a_fault(folder):
    folder.put(PREAMBLE + HEADER + SITE)
    folder.run()
    folder.edit("export: world_bank", "export: world_bnak")
    with pytest.raises(IngestError, match="export 'world_bnak' is not one of world_bank, "):
        folder.run()


def test_a_file_that_is_no_longer_such_an_export(folder):
    folder.put(PREAMBLE + HEADER + SITE)
    folder.run()
    folder.put((PREAMBLE + HEADER + SITE).replace("Country Code", "Code"))
    with pytest.raises(IngestError, match="its header is not that of export world_bank"):
        folder.run()


def test_a_newer_site_export_needs_no_decision(folder):
    folder.put(PREAMBLE + HEADER + SITE)
    folder.run()
    newer = (PREAMBLE + HEADER + SITE).replace("2024-06-28", "2025-07-01").replace("2.4", "2.6")
    folder.put(newer)
    folder.run()
    assert folder.values_by_key()["FRA", "2020", "FB.AST.NPER.ZS"] == "2.6"


def test_other_tables_are_not_a_known_export():
    panel = [["地区", "年份", "专利授权数"], ["北京", "2011", "40888"]]
    for rows in (panel, [], [[]], [["Country", "Year", "x"], ["France", "2019", "1"]]):
        assert exports.recognise(Sheet("a.csv", "", rows)) is None


# A decision of the user is not a change of the file


def test_a_decision_is_not_a_change_of_the_file(folder):
    text = "Origin,World Development Indicators,,\nland,code,2019,2020\nFrance,FRA,2.5,2.4\n"
    folder.put(text, "npl.csv")
    folder.run()
    folder.edit(
        "    layout:\n", "    layout: years_across\n    header_row: 2\n    unit_column: B\n"
    )
    folder.run()
    mapping = folder.mapping()
    head, _, _ = mapping.partition("    doubts:\n")
    path = folder.data / "ingest" / "mapping.yml"
    body = mapping[mapping.index("    header_row") :] if "    doubts:\n" in mapping else ""
    decided = (head + body or mapping).replace(
        "indicator:\n        factor:\n", "indicator: FB.AST.NPER.ZS\n        factor: 1\n"
    )
    path.write_text(decided, encoding="utf-8")
    folder.run()
    assert folder.values_by_key()["FRA", "2020", "FB.AST.NPER.ZS"] == "2.4"
    folder.put(text.replace("Origin", "Growth of"), "npl.csv")
    with pytest.raises(IngestError, match="was 'Origin World"):
        folder.run()


def test_a_new_ambiguity_of_a_new_file_is_reported(folder):
    text = "country,year,FB.AST.NPER.ZS\nFRA,2019,2.5\n"
    folder.put(text)
    folder.run()
    folder.put(text + "note: growth against the year before\n")
    with pytest.raises(IngestError, match=r"contains 'growth'.* This is new"):
        folder.run()


# Units


def test_a_unit_id_in_small_letters(folder):
    folder.put("country,year,FB.AST.NPER.ZS\nfra,2019,2.5\nIta,2019,3\n")
    assert_read_at_once(folder)
    assert {unit for unit, _, _ in folder.values_by_key()} == {"FRA", "ITA"}


def test_two_units_that_differ_in_case_alone(folder):
    catalog(folder, units=("ab,One,", "AB,Two,"))
    folder.put("unit,year,FB.AST.NPER.ZS\nab,2019,1\nAB,2019,2\nAb,2019,3\n")
    result = folder.run()
    assert {(u, v) for (u, _, _), v in folder.values_by_key().items()} == {("ab", "1"), ("AB", "2")}
    assert len(result.rejected) == 1


@pytest.mark.parametrize(
    "label",
    [
        "KR",
        "kor",
        "KOR",
        "Korea, Rep.",
        "South Korea",
        "Republic of Korea",
        "Korea, Republic of",
        "韩国",
    ],
)
def test_labels_of_countries(folder, label):
    for ids in (("KOR", "FRA"), ("c1", "c2")):
        catalog(folder, units=(f"{ids[0]},Korea (the Republic of),大韩民国", f"{ids[1]},France,"))
        if ids[0] == "c1":
            catalog(folder, units=("c1,South Korea,", "c2,France,"))
        folder.put(f'country,year,FB.AST.NPER.ZS\n"{label}",2019,2\nFrance,2019,1\n')
        shutil.rmtree(folder.data / "ingest", ignore_errors=True)
        (folder.data / "observations.csv").unlink(missing_ok=True)
        assert folder.run().rejected == []
        assert folder.values_by_key()[ids[0], "2019", "FB.AST.NPER.ZS"] == "2"


@pytest.mark.parametrize(
    ("label", "country"),
    [
        ("Egypt, Arab Rep.", "EG"),
        ("Türkiye", "TR"),
        ("Turkiye", "TR"),
        ("TURKEY", "TR"),
        ("Viet Nam", "VN"),
        ("Cote d'Ivoire", "CI"),
        ("Côte d’Ivoire", "CI"),
        ("The Gambia", "GM"),
        ("Gambia, The", "GM"),
        ("St. Lucia", "LC"),
        ("Saint Lucia", "LC"),
        ("São Tomé and Principe", "ST"),
        ("Trinidad & Tobago", "TT"),
        ("Congo, Dem. Rep.", "CD"),
        ("Congo, Rep.", "CG"),
        ("Guinea-Bissau", "GW"),
        ("China, P.R.: Mainland", "CN"),
        ("China (People's Republic of)", "CN"),
        ("Hong Kong SAR, China", "HK"),
        ("Lao P.D.R.", "LA"),
        ("Congo", None),
        ("Korea", None),
        ("Guinea", None),
        ("Euro area", None),
        ("World", None),
        ("Jilin", None),
        ("", None),
    ],
)
def test_names_of_countries(label, country):
    assert countries.by_name(label) == country


def test_old_and_other_codes_of_countries():
    codes = ("ROM", "zar", "KSV", "XKX", "EL", "UK", "USA", "us", "EU", "WLD", "ANT", "YUG")
    found = [countries.by_code(code) for code in codes]
    assert found == ["RO", "CD", "XK", "XK", "GR", "GB", "US", "US", None, None, None, None]


def catalog_of(*units: tuple[str, str, str]) -> Catalog:
    names = {unit: (name_en, name_zh) for unit, name_en, name_zh in units}
    return Catalog({"x": Indicator("x", "", "", "")}, names, {"units": "units.csv"})


def test_provinces_and_states_are_not_countries():
    provinces = catalog_of(
        ("22", "Jilin", "吉林省"), ("71", "Taiwan", "台湾省"), ("81", "Hong Kong", "香港")
    )
    assert provinces.candidates("Chinese Taipei") == {"71"}  # most of these are countries
    provinces = catalog_of(
        ("22", "Jilin", "吉林省"), ("11", "Beijing", "北京市"), ("71", "Taiwan", "台湾省")
    )
    assert provinces.label_candidates("TWN") == set()
    assert provinces.candidates("Chinese Taipei") == set()
    states = catalog_of(("CA", "California", ""), ("GA", "Georgia", ""), ("DE", "Delaware", ""))
    for label in ("Canada", "CAN", "Gabon", "GEO", "Germany", "DEU"):
        assert states.label_candidates(label) == set()
    assert states.find_units(["Georgia", "GA"])[0] == {"Georgia": "GA", "GA": "GA"}


def test_codes_of_states_are_not_codes_of_countries():
    world = catalog_of(("CAN", "Canada", ""), ("DEU", "Germany", ""), ("GAB", "Gabon", ""))
    units, reasons = world.find_units(["CA", "DE", "GA", "TX", "NY"])
    assert units == {}
    assert len(reasons) == 5
    assert world.find_units(["CA", "DE", "GA"])[0] == {"CA": "CAN", "DE": "DEU", "GA": "GAB"}


def test_a_file_named_as_a_country_code_is_not_a_unit():
    world = catalog_of(("CAN", "Canada", ""), ("ITA", "Italy", ""))
    assert world.candidates("it") == set()
    assert world.candidates("can") == set()
    assert world.candidates("Italy") == {"ITA"}


def test_two_units_of_one_country_are_ambiguous():
    world = catalog_of(("a", "Korea, Rep.", ""), ("b", "South Korea", ""), ("FRA", "France", ""))
    units, reasons = world.find_units(["KOR", "Korea, Rep."])
    assert units == {"Korea, Rep.": "a"}
    assert "is the name of several units: a, b" in reasons["KOR"]


def test_labels_read_as_countries_are_reported(folder):
    folder.put("country,year,FB.AST.NPER.ZS\nFR,2019,2.5\nSouth Korea,2019,3\n")
    result = assert_read_at_once(folder)
    (note,) = [note for note in result.notes if "read as countries" in note]
    assert "2 label(s)" in note and "FR is FRA (France, 法国)" in note


def test_unknown_labels_are_rejected_or_ignored_on_request(folder):
    folder.put(
        "country,year,FB.AST.NPER.ZS\nFrance,2019,2.5\nItaly,2019,3\n"
        "Euro area,2019,9\nItalia,2019,1\n"
    )
    assert len(folder.run().rejected) == 2
    folder.edit("unknown_units:\n", "unknown_units: ignore\n")
    result = folder.run()
    assert result.rejected == []
    assert result.total("ignored") == 2
    (note,) = [note for note in result.notes if "ignored 2 value(s) of 2 label(s)" in note]
    assert "Euro area; Italia." in note
    assert "Some look like units: 'Italia': ITA" in note
    assert len(folder.values_by_key()) == 2


def test_unknown_labels_of_one_sheet_are_ignored(folder):
    folder.put("country,year,FB.AST.NPER.ZS\nFrance,2019,2.5\nItaly,2019,3\nMars,2019,9\n")
    folder.put("country,year,FB.AST.NPER.ZS\nFrance,2020,2.5\nItaly,2020,3\nMars,2020,9\n", "b.csv")
    folder.run()
    folder.edit("file: a.csv\n", "file: a.csv\n    unknown_units: ignore\n")
    assert [sheet.file for sheet, _ in folder.run().rejected] == ["b.csv"]
    folder.edit("unknown_units: ignore", "unknown_units: yes")
    with pytest.raises(IngestError, match="unknown_units 'yes' is neither ignore nor empty"):
        folder.run()


def test_labels_of_several_units_are_not_ignored(folder):
    catalog(folder, units=("1,Springfield,", "2,Springfield,", "3,Shelbyville,"))
    folder.put("unit,year,FB.AST.NPER.ZS\nSpringfield,2019,2.5\nShelbyville,2019,3\n")
    folder.run()
    folder.edit("unknown_units:\n", "unknown_units: ignore\n")
    (_, cell), *others = folder.run().rejected
    assert "is the name of several units" in cell.reason and not others


@pytest.mark.parametrize(
    "label", ["Euro area", "Euro area (20 countries)", "US$ bloc", "Percentia", "Million Islands"]
)
def test_row_labels_are_not_units_of_measurement(folder, label):
    folder.put(f"unit,year,FB.AST.NPER.ZS\nFrance,2014,0\nItaly,2014,100\n{label},2014,46.2\n")
    result = folder.run()
    assert result.pending == []
    assert len(folder.values_by_key()) == 2
    assert [cell.unit for _, cell in result.rejected] == [label]


def test_a_note_below_still_states_a_unit_of_measurement(folder):
    folder.put("unit,year,gdp_pc\nFrance,2014,1\nItaly,2014,2\nIn million US$\n")
    (waiting,) = folder.run().pending
    assert "The file states 'million US / $'" in waiting


def test_a_label_with_a_unit_of_measurement_is_pending(folder):
    catalog(folder, indicators=("gdp,GDP,,yuan",))
    folder.put("unit,year,gdp\nFrance,2014,1\nItaly (万元),2014,2\n")
    assert "The file states '万元'" in folder.run().pending[0]


@pytest.mark.parametrize("name", ["Country Code", "iso3c", "country_iso3", "ISO code", "alpha-3"])
def test_a_code_beside_the_name_is_not_ambiguous(folder, name):
    folder.put(f'Country,{name},year,FB.AST.NPER.ZS\nFrance,FRA,2019,1\n"Korea, Rep.",KOR,2019,2\n')
    result = folder.run()
    assert [line for line in result.pending if "may mean that a row" in line] == []
    assert len(folder.values_by_key()) == 2


def test_the_column_that_knows_all_units_is_read(folder):
    rows = "".join(f"France,FRA,{year},1\n" for year in range(1900, 2020) for _ in range(4))
    folder.put(f"country,country_code,year,FB.AST.NPER.ZS\n{rows}Bel Paese,ITA,2019,2\n")
    folder.run()
    assert "unit_column: B\n" in folder.mapping()


def test_region_and_income_group_are_not_ambiguous(folder):
    folder.put(
        "Country,Country Code,Region,IncomeGroup,Year,FB.AST.NPER.ZS\n"
        'France,FRA,Europe,High income,2019,2.5\n"Korea, Rep.",KOR,Asia,High income,2019,2\n'
    )
    assert assert_read_at_once(folder).total("accepted") == 2


def test_a_code_beside_the_name_with_years_across(folder):
    folder.put("Country,ISO3,2019,2020\nFrance,FRA,2.5,2.4\n", "FB.AST.NPER.ZS.csv")
    assert assert_read_at_once(folder).total("accepted") == 2


@pytest.mark.parametrize(("text", "expected"), [("2013 [YR2013]", 2013), ("yr2013", 2013)])
def test_years_of_databank(text, expected):
    assert year(text) == expected


@pytest.mark.parametrize("text", ["2013 [YR2014]", "[YR2013]", "2013 YR2013", "2013 [2013]", "X13"])
def test_texts_that_are_not_years_of_databank(text):
    with pytest.raises(Unreadable):
        year(text)


# Two files with one value


def test_equal_values_of_two_files_merge(folder):
    folder.put(PREAMBLE + HEADER + SITE)
    folder.put(
        "country,year,fb_ast_nper_zs\nfra,2019,2.5000\nkor,2020,0.2\nita,2020,7\n",
        "ddf--datapoints--fb_ast_nper_zs--by--country--year.csv",
    )
    result = assert_read_at_once(folder)
    assert folder.values_by_key() == NPL_OF_SITE | {("ITA", "2020", "FB.AST.NPER.ZS"): "7"}
    assert any("2 value(s) are also in a.csv; each is taken once" in n for n in result.notes)
    assert [row["accepted"] for row in table(folder.data / "ingest" / "cells.csv")] == ["3", "3"]


def test_two_vintages_are_reported_and_pending(folder):
    folder.put(PREAMBLE + HEADER + SITE)
    folder.put((PREAMBLE + HEADER + SITE).replace("2.4", "2.45").replace("0.2", "0.3"), "b.csv")
    result = folder.run()
    assert folder.values_by_key() == {("FRA", "2019", "FB.AST.NPER.ZS"): "2.5"}
    (line,) = result.pending
    assert "a.csv and b.csv differ in 2 value(s) of FB.AST.NPER.ZS" in line
    assert "FRA 2020: 2.4 and 2.45; KOR 2020: 0.2 and 0.3" in line
    assert len(result.rejected) == 4
    mapping = folder.mapping()
    second = mapping.index("b.csv")
    path = folder.data / "ingest" / "mapping.yml"
    decided = mapping[second:].replace("indicator: FB.AST.NPER.ZS", "indicator: ignore")
    path.write_text(mapping[:second] + decided, encoding="utf-8")
    assert folder.run().pending == []
    assert folder.values_by_key() == NPL_OF_SITE


# The real files

REAL = os.environ.get("CREDIT_INDICES_REAL_PANEL")
WORLD = Path(REAL or "") / "world"
real_files = pytest.mark.skipif(
    not (REAL and WORLD.is_dir()),
    reason="CREDIT_INDICES_REAL_PANEL does not name the folder of the real panel",
)
CODES = {
    "FS.AST.PRVT.GD.ZS": ("Domestic credit to private sector (% of GDP)", "%"),
    "IT.CEL.SETS.P2": ("Mobile cellular subscriptions (per 100 people)", "per 100 people"),
    "IT.NET.USER.ZS": ("Individuals using the Internet (% of population)", "%"),
    "NY.GDP.PCAP.KD": ("GDP per capita (constant 2015 US$)", "constant 2015 US$"),
    "IC.CRD.PRVT.ZS": ("Private credit bureau coverage (% of adults)", "%"),
    "IC.CRD.INFO.XQ": ("Depth of credit information index (0=low to 8=high)", "score"),
    "FB.AST.NPER.ZS": (NPL, "%"),
    "FB.ATM.TOTL.P5": (
        "Automated teller machines (ATMs) (per 100,000 adults)",
        "per 100,000 adults",
    ),
    "SL.TLF.CACT.FE.ZS": (
        "Labor force participation rate, female (% of female population ages 15+) "
        "(modeled ILO estimate)",
        "%",
    ),
    "SL.TLF.TOTL.FE.ZS": ("Labor force, female (% of total labor force)", "%"),
    "SL.TLF.CACT.FM.ZS": (
        "Ratio of female to male labor force participation rate (%) (modeled ILO estimate)",
        "%",
    ),
}
OF_TODAY = {
    "ADO": "AND", "IMY": "IMN", "KSV": "XKX", "ROM": "ROU", "TMP": "TLS", "WBG": "PSE",
    "ZAR": "COD",
}  # fmt: skip
CSV_FILES = (
    "API_FS.AST.PRVT.GD.ZS_DS2_en_csv_v2_37872.csv",
    "API_IT.NET.USER.ZS_DS2_en_csv_v2_2160.csv",
    "API_NY.GDP.PCAP.KD_DS2_en_csv_v2_141.csv",
    "IC.CRD.PRVT.ZS_WDI.csv",
    "a0f8708e-c025-40a1-bc37-80be5d565b34_Data.csv",
    "atm_per_100k.csv",
    "bank_nonperf_to_totalgrossloans.csv",
    "ddf--datapoints--ic_crd_info_xq--by--country--year.csv",
    "ddf--datapoints--ic_crd_prvt_zs--by--country--year.csv",
)
WORKBOOKS = ("API_IT.CEL.SETS.P2_DS2_en_excel_v2_2163817.xls", "World Bank Data.xlsx")


def real_folder(root: Path, *names: str) -> Folder:
    folder = Folder(root)
    lines = [f'{code},"{name}",,"{unit}"' for code, (name, unit) in CODES.items()]
    catalog(folder, indicators=lines)
    shutil.copy(WORLD / "canonical" / "units.csv", folder.data)
    for name in names:
        shutil.copy(WORLD / "raw" / name, folder.source)
    return folder


def values_of_csv(name: str) -> dict[tuple[str, str, str], Decimal]:
    """Read every value of a unit of the canonical list from a file, without ingest."""
    units = {row["unit_id"] for row in table(WORLD / "canonical" / "units.csv")}
    with open(WORLD / "raw" / name, encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.reader(stream))
    start = next(r for r, row in enumerate(rows) if {"Country Code", "country"} & {*row})
    found = {}
    for row in rows[start + 1 :]:
        cells = dict(zip(rows[start], row, strict=False))
        unit = cells.pop("country", "").upper() or cells.get("Country Code", "")
        unit = OF_TODAY.get(unit, unit)
        code = cells.get("Indicator Code") or cells.get("Series Code")
        for name, text in cells.items():
            if unit not in units or text in ("", ".."):
                continue
            if name[:4].isdigit():
                found[unit, name[:4], code] = Decimal(text)
            elif name.upper().replace("_", ".") in CODES:
                found[unit, cells["year"], name.upper().replace("_", ".")] = Decimal(text)
    return found


def values_of_workbook(name: str) -> dict[tuple[str, str, str], Decimal]:
    calamine = pytest.importorskip("python_calamine")
    units = {row["unit_id"] for row in table(WORLD / "canonical" / "units.csv")}
    book = calamine.CalamineWorkbook.from_path(str(WORLD / "raw" / name))
    header, *rows = book.get_sheet_by_index(0).to_python()
    found = {}
    for row in rows:
        cells = {str(k).removesuffix(".0"): v for k, v in zip(header, row, strict=True)}
        if cells["Country Code"] not in units:
            continue
        if "Value" in cells:
            cells = cells | {str(cells["Year"]).removesuffix(".0"): cells["Value"]}
        for key, value in cells.items():
            if key.isdigit() and value != "":
                found[cells["Country Code"], key, cells["Indicator Code"]] = Decimal(repr(value))
    return found


@real_files
@pytest.mark.parametrize("name", [*CSV_FILES, *WORKBOOKS])
def test_a_real_file_alone(tmp_path, name):
    folder = real_folder(tmp_path, name)
    result = folder.run()
    assert result.rejected == []
    assert result.pending == []
    expected = values_of_workbook(name) if name in WORKBOOKS else values_of_csv(name)
    assert {key: Decimal(text) for key, text in folder.values_by_key().items()} == expected
    assert len(expected) > 700


@real_files
@pytest.mark.parametrize("with_workbooks", [False, True])
def test_all_real_files_at_once(tmp_path, with_workbooks):
    names = [*CSV_FILES, *(WORKBOOKS if with_workbooks else ())]
    others = ("Metadata_Country_API_IT.NET.USER.ZS_DS2_en_csv_v2_2160.csv", "SOURCES.md")
    folder = real_folder(tmp_path, *names, *others)
    result = folder.run()
    files = [values_of_workbook(n) if n in WORKBOOKS else values_of_csv(n) for n in names]
    values: dict[tuple[str, str, str], set[Decimal]] = {}
    for found in files:
        for key, value in found.items():
            values.setdefault(key, set()).add(value)
    agreed = {key: found.pop() for key, found in values.items() if len(found) == 1}
    assert {key: Decimal(text) for key, text in folder.values_by_key().items()} == agreed
    differing = Counter(code for (_, _, code), found in values.items() if len(found) > 1)
    reported = [line for line in result.pending if " differ in " in line]
    assert len(reported) == len(result.pending)
    for code in differing | {"IC.CRD.PRVT.ZS": 24}:
        assert any(f" value(s) of {code}" in line for line in reported)
    assert any("Metadata_Country" in note and "no observations" in note for note in result.notes)
    assert any("SOURCES.md" in note for note in result.notes)
    assert any("are also in IC.CRD.PRVT.ZS_WDI.csv" in note for note in result.notes)
