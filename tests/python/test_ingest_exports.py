"""Exports of statistical sites and programs: plain ones are read at once, others are pending.

All files are made up, in the layouts that OECD, Eurostat, IMF, Our World in Data, the National
Bureau of Statistics, CSMAR, pandas, Excel and COINr write.
"""

import pytest

from credit_indices.ingest import IngestError

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


def assert_read(folder, expected):
    """Run; assert that the values are exactly these and that nothing is pending or rejected."""
    result = folder.run()
    assert result.pending == []
    assert [(cell.text, cell.reason) for _, cell in result.rejected] == []
    assert folder.values_by_key() == expected
    again = folder.run()
    assert (again.pending, again.is_changed) == ([], False)
    return result


def assert_pending(folder, *words):
    """Run; assert that no value is read, cells are pending, and one line has all these words."""
    result = folder.run()
    assert not (folder.data / "observations.csv").exists()
    assert result.total("waiting") > 0
    lines = [line for line in result.pending if all(word in line for word in words)]
    assert lines, result.pending
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
    result = assert_read(
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
    assert "all rows have DATAFLOW ESTAT:ISOC(1.0), freq A." in notes
    assert result.total("missing") == 1


TSV = """\
freq,indic_is,unit,geo\\TIME_PERIOD\t2019 \t2020 \t2021 
A,inet,PC_IND,DEU\t93.2 \t94.1 b\t: 
A,inet,PC_IND,FRA\t89.0 \t: z\t90.5 bu
"""  # noqa: W291
INET = {
    ("DEU", "2019", "inet"): "93.2",
    ("DEU", "2020", "inet"): "94.1",
    ("FRA", "2019", "inet"): "89",
    ("FRA", "2021", "inet"): "90.5",
}


@pytest.mark.parametrize("name", ["a.tsv", "a.txt", "a.csv"])
def test_tsv_of_eurostat(world, name):
    world.put(TSV, name)
    result = assert_read(world, INET)
    assert "flag: b: 1 value(s), bu: 1 value(s)" in "\n".join(result.notes)
    assert result.total("missing") == 2


def test_tsv_of_eurostat_in_a_workbook(world):
    world.book({"s": [line.split("\t") for line in TSV.splitlines()]})
    assert_read(world, INET)


def test_tsv_without_a_dimension_is_named_by_its_file(world):
    world.put("unit,geo\\time\t2019 \nPC_IND,DEU\t93.2 \n", "inet.tsv")
    assert_read(world, {("DEU", "2019", "inet"): "93.2"})


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (TSV + "A,inet,PC_HH,FRA\t1 \t2 \t3 \n", ("'unit' has 2 values", "'PC_HH', 'PC_IND'")),
        (TSV.replace("PC_IND", "RT"), ("inet is measured in percent", "RT")),
        (TSV.replace("A,", "Q,"), ("freq", "one value a year")),
        (TSV.replace("2020 ", "2020-Q1 "), ("2020-Q1", "is not one")),
        (TSV.replace("freq,", "age,freq,").replace("A,", "Y15,A,", 1).replace("\nA,", "\nY20,A,"),
         ("column A 'age' has 2 values", "'Y15', 'Y20'")),
    ],
)  # fmt: skip
def test_pending_tsv_of_eurostat(world, text, words):
    world.put(text, "a.tsv")
    assert_pending(world, *words)


OECD = (
    "STRUCTURE,STRUCTURE_ID,STRUCTURE_NAME,ACTION,FREQ,Frequency of observation,REF_AREA,"
    "Reference area,MEASURE,Measure,UNIT_MEASURE,Unit of measure,SEX,Sex,TIME_PERIOD,Time period,"
    "OBS_VALUE,Observation value,OBS_STATUS,Observation status,UNIT_MULT,Unit multiplier\n"
)


def oecd(area, year, value, sex="_T,Total", status="A,Normal value", mult="0,Units", unit="USD"):
    return (
        'DATAFLOW,OECD.X:DSD@DF(1.0),"A name, with a comma",I,A,Annual,'
        f"{area},Name,B1GQ,GDP,{unit},US dollar,{sex},{year},,{value},,{status},{mult}\n"
    )


def test_csv_of_oecd_with_labels(world):
    world.put(
        OECD
        + oecd("DEU", 2019, "3889.7", mult="6,Millions", status="E,Estimated value")
        + oecd("FRA", 2019, "2728870", mult="3,Thousands")
        + oecd("FRA", 2020, "")
    )
    result = assert_read(
        world,
        {("DEU", "2019", "B1GQ"): "3889700000", ("FRA", "2019", "B1GQ"): "2728870000"},
    )
    notes = "\n".join(result.notes)
    assert "OBS_STATUS: E (Estimated value): 1 value(s)" in notes
    assert "SEX _T (Total)" in notes


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        (oecd("DEU", 2019, 1) + oecd("DEU", 2019, 2, sex="F,Female"),
         ("column M 'SEX' has 2 values in the rows of B1GQ, for one unit: 'F', '_T'",)),
        (oecd("DEU", 2019, 1) + oecd("FRA", 2019, 2, sex="F,Female"), ("for different units",)),
        (oecd("DEU", "2019-Q1", 1) + oecd("DEU", "2019-Q2", 1), ("several dates of the year",)),
        (oecd("DEU", 2019, 1).replace("A,Annual", "M,Monthly"), ("FREQ", "'M'")),
        (oecd("DEU", 2019, 1, mult="X,Many"), ("B1GQ is measured in US dollar",)),
        (oecd("DEU", 2019, 1, unit="XDC").replace("US dollar", "National currency"), ("XDC",)),
        (oecd("DEU", 2019, 1).replace(",I,", ",D,") + oecd("FRA", 2019, 1), ("ACTION",)),
    ],
)  # fmt: skip
def test_pending_csv_of_oecd(world, rows, words):
    world.put(OECD + rows)
    assert_pending(world, *words)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("REF_AREA,INDICATOR,TRANSFORMATION,TIME_PERIOD,OBS_VALUE\nDEU,score,GY,2019,1\n", "'GY'"),
        (
            "REF_AREA,INDICATOR,KIND,Kind,TIME_PERIOD,OBS_VALUE\n"
            "DEU,score,X,Growth rate over 1 year,2019,1\n",
            "Growth rate",
        ),
        (
            "REF_AREA,INDICATOR,TIME_PERIOD,Time period,OBS_VALUE,Observation value\n"
            "DEU,score,2019,,1,1.5\n",
            "in two columns",
        ),
        ("REF_AREA,INDICATOR,BASE_PER,TIME_PERIOD,OBS_VALUE\nDEU,score,2010,2019,1\n"
         "FRA,score,2015,2019,1\n", "'BASE_PER' has 2 values"),
        ("geo,INDICATOR,Indicator,TIME_PERIOD,OBS_VALUE\nDEU,X1,Score,2019,1\n"
         "FRA,X2,Score,2019,2\n", "'INDICATOR' has 2 values in the rows of score: 'X1', 'X2'"),
        ("REF_AREA,INDICATOR,UNIT_MEASURE,TIME_PERIOD,OBS_VALUE\nDEU,inet,PCH_PRE,2019,1\n",
         "PCH_PRE"),
        ('DATASET,SERIES_CODE,COUNTRY,INDICATOR,FREQUENCY,TIME_PERIOD,OBS_VALUE,SCALE\n'
         'IMF:WEO,DEU.NGDPD.A,Germany,NGDPD,Annual,2019,3.5,Billions\n', "(Billions)"),
    ],
)  # fmt: skip
def test_pending_tables_of_sdmx(world, text, words):
    world.put(text)
    assert_pending(world, words)


def part(dimension, code, label="", indicator="inet"):
    """Return an SDMX table with one dimension beside the indicator, which has one value."""
    head, cells = (f"{dimension},Label", f"{code},{label}") if label else (dimension, code)
    return (
        f"REF_AREA,INDICATOR,{head},TIME_PERIOD,OBS_VALUE\n"
        f"DEU,{indicator},{cells},2019,83\nFRA,{indicator},{cells},2019,67\n"
    )


PARTS = [
    ("SEX", "F", "Female"), ("SEX", "M", ""), ("sex", "SEX_F", ""), ("AGE", "Y16-24", ""),
    ("age", "Y_GE65", ""), ("DEG_URB", "DEG1", "Cities"), ("RESIDENCE", "R", "Rural"),
    ("EDUCATION_LEV", "ISCED11_5", ""), ("isced11", "ED5-8", ""), ("PRICE_BASE", "L", ""),
    ("PRICE_BASE", "Q", "Constant prices"), ("BASE_PER", "2015", ""), ("ADJUSTMENT", "Y", ""),
    ("s_adj", "SCA", ""), ("TRANSFORMATION", "GY", ""), ("ACTIVITY", "C", "Manufacturing"),
    ("citizen", "FOR", ""), ("QUANTILE", "Q1", ""), ("COMPOSITE_BREAKDOWN", "X5", ""),
    ("REF_YEAR_PRICE", "2015", ""), ("TYPE_OF_TRANSFORMATION", "IX", ""),
]  # fmt: skip


@pytest.mark.parametrize(("dimension", "code", "label"), PARTS)
def test_a_constant_dimension_of_a_part_is_pending(world, dimension, code, label):
    world.put(part(dimension, code, label))
    assert_pending(world, f"'{dimension}'", code)


@pytest.mark.parametrize(
    ("dimension", "code", "label"),
    [
        ("SEX", "_T", "Total"), ("SEX", "T", ""), ("sex", "TOTAL", ""), ("SEX", "_Z", ""),
        ("SEX", "BTSX", "Both sexes"), ("AGE", "_T", ""), ("age", "Y_GE15", ""), ("AGE", "", ""),
        ("DEG_URB", "TOTAL", ""), ("PRICE_BASE", "V", "Current prices"), ("BASE_PER", "", ""),
        ("ADJUSTMENT", "N", ""), ("s_adj", "NSA", ""), ("TRANSFORMATION", "N", ""),
        ("ACTIVITY", "_T", ""), ("isced11", "TOTAL", ""), ("SECTOR", "S1", ""),
        ("TYPE_OF_TRANSFORMATION", "N", ""), ("SEX", "MW", "All persons"),
    ],
)  # fmt: skip
def test_a_constant_dimension_of_all_is_read(world, dimension, code, label):
    world.put(part(dimension, code, label))
    assert_read(world, {("DEU", "2019", "inet"): "83", ("FRA", "2019", "inet"): "67"})


@pytest.mark.parametrize(
    ("dimension", "code", "name", "unit"),
    [
        ("SEX", "F", "Labour force, female", "percent"),
        ("SEX", "M", "Men in the labour force", "percent"),
        ("AGE", "Y16-24", "Internet users aged 16 to 24", "percent"),
        ("PRICE_BASE", "L", "GDP at constant prices", "euro"),
        ("PRICE_BASE", "Q", "GDP", "constant 2015 US$"),
        ("BASE_PER", "2015", "GDP", "constant 2015 US$"),
        ("RESIDENCE", "R", "Rural population", "persons"),
        ("ADJUSTMENT", "Y", "Production, seasonally adjusted", "index"),
    ],
)
def test_a_part_that_the_indicator_names_is_read(world, dimension, code, name, unit):
    catalog(world, UNITS, {"x": (f'"{name}"', unit)})
    world.put(part(dimension, code, indicator="x"))
    assert_read(world, {("DEU", "2019", "x"): "83", ("FRA", "2019", "x"): "67"})


def test_women_does_not_match_men(world):
    catalog(world, UNITS, {"x": ("Female labour force", "percent")})
    world.put(part("SEX", "M", indicator="x"))
    assert_pending(world, "'SEX'", "M")


def test_a_part_beside_its_total_is_pending(world):
    head = "REF_AREA,INDICATOR,SEX,TIME_PERIOD,OBS_VALUE\n"
    world.put(head + "DEU,inet,F,2019,83\nDEU,score,_T,2019,1\n")
    assert_pending(world, "'SEX' with 'F' in all rows of an indicator (such as 'inet')")


def test_a_part_of_an_unknown_indicator_is_pending(world):
    world.put(part("SEX", "F", indicator="unknown"))
    assert_pending(world, "'SEX' with 'F' in all rows")


def test_a_part_in_a_newer_file_is_reported(world):
    world.put(part("SEX", "_T"))
    world.run()
    world.put(part("SEX", "F"))
    with pytest.raises(IngestError, match="'SEX' with 'F' in all rows"):
        world.run()


@pytest.mark.parametrize("flag", ["M", "L", "O", "Q", "H"])
def test_a_flag_of_a_missing_value(world, flag):
    head = "REF_AREA,INDICATOR,TIME_PERIOD,OBS_VALUE,OBS_STATUS\n"
    world.put(head + f"DEU,inet,2019,0,{flag}\nFRA,inet,2019,67,A\nFRA,inet,2020,68,E\n")
    result = assert_read(world, {("FRA", "2019", "inet"): "67", ("FRA", "2020", "inet"): "68"})
    assert result.total("missing") == 1
    notes = "\n".join(result.notes)
    assert "1 value(s) are flagged as missing" in notes
    assert "OBS_STATUS: E: 1 value(s)" in notes


def test_the_label_of_a_flag_has_priority_over_its_code(world):
    head = "REF_AREA,INDICATOR,TIME_PERIOD,OBS_VALUE,OBS_STATUS,Observation status\n"
    world.put(head + "DEU,inet,2019,0,X,Missing value\nFRA,inet,2019,67,L,Low reliability\n")
    assert assert_read(world, {("FRA", "2019", "inet"): "67"}).total("missing") == 1


def test_sdmx_csv_with_code_and_label_in_one_cell(world):
    world.put(
        "STRUCTURE,STRUCTURE_ID,ACTION,FREQ: Frequency,REF_AREA: Reference area,"
        "INDICATOR: Indicator,UNIT_MEASURE: Unit,UNIT_MULT: Multiplier,TIME_PERIOD: Time,OBS_VALUE,"
        "OBS_STATUS: Status\n"
        "dataflow,A:B(1.0): Title,I,A: Annual,DEU: Germany,B1GQ: GDP,USD: US dollar,6: Millions,"
        "2019,3.5,A: Normal value\n"
    )
    assert_read(world, {("DEU", "2019", "B1GQ"): "3500000"})


def test_csv_of_oecd_stat(world):
    world.put(
        '"LOCATION","Country","SUBJECT","Subject","TIME","Time","Unit Code","Unit",'
        '"PowerCode Code","PowerCode","Value","Flag Codes","Flags"\n'
        '"DEU","Germany","B1GQ","GDP","2019","2019","USD","US Dollar","6","Millions",1.5,"P","P."\n'
        '"FRA","France","B1GQ","GDP","2019","2019","USD","US Dollar","0","Units",7,,\n'
    )
    assert_read(world, {("DEU", "2019", "B1GQ"): "1500000", ("FRA", "2019", "B1GQ"): "7"})


def test_measure_of_oecd_data_is_a_unit_of_measurement(world):
    head = '"LOCATION","INDICATOR","SUBJECT","MEASURE","FREQUENCY","TIME","Value","Flag Codes"\n'
    world.put(head + '"DEU","B1GQ","TOT","MLN_USD","A","2019",4.5,\n')
    assert_read(world, {("DEU", "2019", "B1GQ"): "4500000"})


def test_an_unknown_measure_of_oecd_data_is_pending(world):
    head = '"LOCATION","INDICATOR","SUBJECT","MEASURE","FREQUENCY","TIME","Value","Flag Codes"\n'
    world.put(head + '"DEU","B1GQ","TOT","USD_CAP","A","2019",4.5,\n')
    assert_pending(world, "USD_CAP")


def test_a_dataflow_may_name_the_indicator(world):
    world.put(
        "DATAFLOW,LAST UPDATE,freq,unit,geo,TIME_PERIOD,OBS_VALUE,OBS_FLAG\n"
        "ESTAT:INET(1.0),01/01/24,A,PC,DEU,2019,93.2,\n"
    )
    assert_read(world, {("DEU", "2019", "inet"): "93.2"})


def test_portal_of_the_imf_with_years_across(world):
    world.put(
        '"DATASET","SERIES_CODE","OBS_MEASURE","COUNTRY.ID","COUNTRY","INDICATOR.ID","INDICATOR",'
        '"FREQUENCY","SCALE","UNIT","2019","2020"\n'
        '"IMF:WEO(9.0)","DEU.NGDPD.A","OBS_VALUE","DEU","Germany","NGDPD","GDP","Annual",'
        '"Millions","US dollar","3888000.5",""\n'
    )
    assert_read(world, {("DEU", "2019", "NGDPD"): "3888.0005"})


WEO_HEAD = [
    "WEO Country Code", "ISO", "WEO Subject Code", "Country", "Subject Descriptor", "Subject Notes",
    "Units", "Scale", "Country/Series-specific Notes", "2019", "2020", "2021",
    "Estimates Start After",
]  # fmt: skip


def weo(*rows):
    """Return a World Economic Outlook file (ISO, subject, units, scale, values, last year)."""
    lines = [WEO_HEAD]
    for area, subject, units, scale, values, last in rows:
        notes = "Expressed in billions of U.S. dollars, per capita and percent change."
        beside = "Source: Ministry. Latest actual data: 2020"
        lines.append(
            ["134", area, subject, UNITS[area], "GDP", notes, units, scale, beside, *values, last]
        )
    source = "International Monetary Fund, World Economic Outlook Database, April 2022"
    return "\r\n".join("\t".join(line) for line in [*lines, [], [source]]) + "\r\n"


GDP_IN_WEO = ("DEU", "NGDPD", "U.S. dollars", "Billions", ['"3,889.67"', "n/a", '"1,234"'])


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "latin-1"])
def test_world_economic_outlook(world, encoding):
    text = weo(
        (*GDP_IN_WEO, "2021"),
        ("FRA", "LUR", "Percent of total labor force", "", ["8.4", "--", "7.9"], "2021"),
    ).replace("Ministry", "Côté é Ministère")
    world.put(text, "WEOApr2022all.csv", encoding)
    assert_read(
        world,
        {
            ("DEU", "2019", "NGDPD"): "3889.67",
            ("DEU", "2021", "NGDPD"): "1234",
            ("FRA", "2019", "LUR"): "8.4",
            ("FRA", "2021", "LUR"): "7.9",
        },
    )


def test_a_scale_of_the_outlook_is_a_factor(world):
    catalog(world, UNITS, {"NGDPD": ("", "US dollar")})
    world.put(weo((*GDP_IN_WEO, "2021")), "a.txt")
    assert_read(
        world,
        {("DEU", "2019", "NGDPD"): "3889670000000", ("DEU", "2021", "NGDPD"): "1234000000000"},
    )


@pytest.mark.parametrize(
    ("units", "scale"),
    [("National currency", "Billions"), ("U.S. dollars", "Zillions"), ("U.S. dollars", "")],
)
def test_an_unknown_unit_of_the_outlook_is_pending(world, units, scale):
    catalog(world, UNITS, {"NGDPD": ("", "billion pounds" if not scale else "billion US dollar")})
    world.put(weo(("DEU", "NGDPD", units, scale, ["1", "2", "3"], "2021")))
    assert_pending(world, "NGDPD is measured in", units)


def test_projections_are_pending_until_decided(world):
    world.put(weo((*GDP_IN_WEO, "2020")))
    result = world.run()
    assert world.values_by_key() == {("DEU", "2019", "NGDPD"): "3889.67"}
    assert "1 value(s) are projections" in result.pending[0]
    assert result.total("waiting") == 1

    world.edit("projections: wait\n", "projections: read\n")
    result = world.run()
    assert world.values_by_key()["DEU", "2021", "NGDPD"] == "1234"
    assert result.pending == []
    assert "a.csv: 1 projection(s) are read." in result.notes

    world.edit("projections: read\n", "projections: ignore\n")
    assert world.run().total("ignored") == 5  # with codes and names beside it
    assert list(world.values_by_key().values()) == ["3889.67"]


def test_projections_outside_the_years_wanted_are_not_pending(world):
    world.put(weo((*GDP_IN_WEO, "2020")))
    assert world.run(years="2015-2020").pending == []


def test_projections_of_the_imf_portal_are_pending(world):
    world.put(
        "DATASET,SERIES_CODE,COUNTRY.ID,INDICATOR.ID,FREQUENCY,SCALE,UNIT,"
        "LATEST_ACTUAL_ANNUAL_DATA,2019,2020\n"
        "IMF:WEO(9.0),DEU.NGDPD.A,DEU,NGDPD,A,Billions,US dollar,FY2019/20,3,4\n"
    )
    result = world.run()
    assert world.values_by_key() == {("DEU", "2019", "NGDPD"): "3"}
    assert result.total("waiting") == 1


def test_our_world_in_data(world):
    world.put(
        "Entity,Code,Year,Score,World region according to OWID\n"
        "Germany,DEU,2019,1.5,Europe\nFrance,FRA,2019,0.1234567890123,Europe\n"
        "World,OWID_WRL,2019,9,\nEurope,,2019,8,\n"
    )
    result = assert_read(
        world,
        {("DEU", "2019", "score"): "1.5", ("FRA", "2019", "score"): "0.1234567890123"},
    )
    assert "ignored 2 value(s) of 2 aggregate(s)" in "\n".join(result.notes)


def test_our_world_in_data_in_small_letters(world):
    world.put("entity,code,year,score\nGermany,DEU,2019,1.5\n")
    assert_read(world, {("DEU", "2019", "score"): "1.5"})


def test_our_world_in_data_by_day_is_pending(world):
    world.put("Entity,Code,Day,Score\nGermany,DEU,2020-03-01,1\nGermany,DEU,2020-03-02,2\n")
    assert_pending(world, "'Day'")


FIRMS = {"000001": "平安银行", "600000": "浦发银行"}
CSMAR = (
    "Stkcd,ShortName,Accper,Typrep,A001,F05\n证券代码,证券简称,统计截止日期,报表类型,资产总计,比率\n"
    "没有单位,没有单位,没有单位,没有单位,元,没有单位\n"
    "000001,平安银行,2019-12-31,A,3939070000000.00,0.07\n"
    "600000,浦发银行,2019-12-31,A,7005929000000.55,0.08\n"
)


@pytest.fixture
def firms(folder):
    """A folder whose catalog has two banks and two indicators."""
    catalog(folder, FIRMS, {"assets": ("资产总计", "亿元"), "F05": ("", "ratio")})
    return folder


BANKS = {
    ("000001", "2019", "assets"): "39390.7",
    ("000001", "2019", "F05"): "0.07",
    ("600000", "2019", "assets"): "70059.2900000055",
    ("600000", "2019", "F05"): "0.08",
}


@pytest.mark.parametrize("is_book", [True, False])
def test_csmar(firms, is_book):
    if is_book:
        firms.book({"s": [line.split(",") for line in CSMAR.splitlines()]})
    else:
        firms.put(CSMAR)
    assert_read(firms, BANKS)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (CSMAR + "600000,浦发银行,2019-12-31,B,1,0.1\n", ("报表类型", "A, B")),
        (CSMAR + "600000,浦发银行,2019-06-30,A,1,0.1\n", ("several dates of the year 2019",)),
        (
            CSMAR.replace("600000,浦发", "600000,平安"),
            ("'600000'", "'平安银行' name different units"),
        ),
    ],
)
def test_pending_csmar(firms, text, words):
    firms.put(text)
    assert_pending(firms, *words)


@pytest.mark.parametrize(
    ("unit", "wanted"), [("没有单位", "percent"), ("没有单位", "亿元"), ("美元", "亿元")]
)
def test_a_unit_of_csmar_other_than_the_catalogs_is_pending(firms, unit, wanted):
    catalog(firms, FIRMS, {"assets": ("资产总计", wanted)})
    firms.put(CSMAR.replace("没有单位,元,", f"没有单位,{unit},"))
    assert_pending(firms, "assets is measured in")


def test_csmar_without_its_row_of_units_is_in_yuan(firms):
    text = (
        "Stkcd,Accper,A001\nStock Code,Ending Date,资产总计\n600000,2019-12-31,7005929000000.55\n"
    )
    firms.put(text)
    assert_read(firms, {("600000", "2019", "assets"): "70059.2900000055"})


def test_csmar_without_its_row_of_units_may_be_pending(firms):
    catalog(firms, FIRMS, {"staff": ("员工人数", "万人")})
    firms.put("Stkcd,Accper,A001\n证券代码,会计期间,员工人数\n600000,2019-12-31,5\n")
    assert_pending(firms, "no row of units")


def test_one_province_of_the_bureau(folder):
    folder.put(
        "数据库：分省年度数据\n地区：河北省\n时间：最近3年\n指标,2023年,2022年,2021年\n"
        "专利授权数(件),101,,99\n技术市场成交额(亿元),1.5,2.5,\n注：说明\n数据来源：国家统计局\n"
    )
    assert_read(
        folder,
        {
            ("13", "2023", "patents_granted"): "101",
            ("13", "2021", "patents_granted"): "99",
            ("13", "2023", "tech_market_turnover"): "1.5",
            ("13", "2022", "tech_market_turnover"): "2.5",
        },
    )


PIVOT = [
    ["indicator", "Score"],
    [],
    ["Sum of value", "Column Labels"],
    ["Row Labels", 2019, 2020, "Grand Total"],
    ["Germany", 1, 2.5, 3.5],
    ["France", 3, None, 3],
    ["Grand Total", 4, 2.5, 6.5],
]
SCORES = {
    ("DEU", "2019", "score"): "1",
    ("DEU", "2020", "score"): "2.5",
    ("FRA", "2019", "score"): "3",
}
IN_CHINESE = {
    "Sum of value": "求和项:数值", "Column Labels": "列标签", "Row Labels": "行标签",
    "Grand Total": "总计", "indicator": "指标",
}  # fmt: skip


@pytest.mark.parametrize("words", [{}, IN_CHINESE])
def test_pivot_of_excel(world, words):
    world.book({"s": [[words.get(cell, cell) for cell in row] for row in PIVOT]})
    result = assert_read(world, SCORES)
    assert "aggregate" in "\n".join(result.notes)


def test_pivot_of_excel_with_a_column_per_indicator(world):
    world.book(
        {
            "s": [
                ["year", 2019],
                [],
                ["Row Labels", "Sum of score", "Sum of inet"],
                ["DEU", 1, 90],
                ["FRA", 2, 91],
                ["Grand Total", 3, 181],
            ]
        }
    )
    assert_read(
        world,
        {
            ("DEU", "2019", "score"): "1",
            ("DEU", "2019", "inet"): "90",
            ("FRA", "2019", "score"): "2",
            ("FRA", "2019", "inet"): "91",
        },
    )


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"Sum of value": "Count of value"}, ("Count of value",)),
        ({"Sum of value": "Average of value"}, ("Average of value",)),
        ({"Sum of value": "平均值项:数值"}, ("平均值项",)),
        ({"Sum of value": "计数项:数值"}, ("计数项",)),
        ({"Score": "(All)"}, ("sums all values", "indicator")),
        ({"Score": "(Multiple Items)"}, ("sums all values",)),
        ({"indicator": "unit"}, ("no indicator has exactly this name",)),
        ({"indicator": "scale", "Score": "million"}, ("no indicator has exactly this name",)),
        ({"France": "2019"}, ("row labels hold years",)),
        ({2019: "a", 2020: "b"}, ("state the year of all rows",)),
    ],
)
def test_pending_pivot_of_excel(world, change, words):
    world.book({"s": [[change.get(cell, cell) for cell in row] for row in PIVOT]})
    assert_pending(world, *words)


PANDAS = ",,value,value\n,indicator,score,inet\nunit,year,,\nDEU,2019,1.5,90\nFRA,2019,2,\n"


@pytest.mark.parametrize(
    "text", [PANDAS, PANDAS.replace("value,value", "sum,sum"), PANDAS.split("\n", 1)[1]]
)
def test_pivot_of_pandas(world, text):
    world.put(text)
    assert_read(
        world,
        {
            ("DEU", "2019", "score"): "1.5",
            ("DEU", "2019", "inet"): "90",
            ("FRA", "2019", "score"): "2",
        },
    )


def test_a_filter_of_a_pivot_may_be_a_scale(world):
    rows = [["unit of measure", "million"], ["indicator", "Score"], *PIVOT[1:]]
    world.book({"s": rows})
    assert_pending(world, "score is measured in index", "million")


def test_pivot_of_pandas_with_years_across(world):
    world.put(",score,score\nyear,2019,2020\nunit,,\nDEU,1,2.5\nFRA,3,\n")
    assert_read(world, SCORES)


def test_pivot_of_pandas_in_a_workbook(world):
    pd = pytest.importorskip("pandas")
    rows = [(u, int(y), i, float(v)) for (u, y, i), v in SCORES.items()]
    frame = pd.DataFrame(rows, columns=["unit", "year", "indicator", "value"])
    frame.pivot_table(index=["unit", "year"], columns="indicator", values=["value"]).to_excel(
        world.source / "a.xlsx"
    )
    assert_read(world, SCORES)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (PANDAS.replace("value,value", "mean,mean"), ("'mean'",)),
        (PANDAS.replace("value,value", "mean,count"), ("several levels of names",)),
        ("indicator,score,score,inet,inet\nyear,2019,2020,2019,2020\nunit,,,,\nDEU,1,2,3,4\n",
         ("several levels of names",)),
        (",value,value\nindicator,score,inet\nunit,,\nDEU,1,2\nFRA,3,4\n",
         ("state the year of all rows",)),
    ],
)  # fmt: skip
def test_pending_pivot_of_pandas(world, text, words):
    world.put(text)
    assert_pending(world, *words)


COINR = (
    "uName;Region;uCode;Time;score\nAllemagne;Europe;DEU;2019;1,5\nFrance;Europe;FRA;2019;2,25\n"
)


@pytest.mark.parametrize(
    "text",
    [
        COINR,
        COINR.replace("uName", "Label").replace("uCode", "Code"),
        COINR.replace("Region", "Pop_group"),
    ],
)
def test_a_column_of_units_is_preferred_to_region(world, text):
    catalog(world, {"DEU": "Allemagne", "FRA": "France"}, INDICATORS)
    world.put(text)
    assert_read(world, {("DEU", "2019", "score"): "1.5", ("FRA", "2019", "score"): "2.25"})
    assert "unit_column: C" in world.mapping()


def test_a_table_without_a_year_is_pending(world):
    world.put("uName,uCode,score\nGermany,DEU,1.5\nFrance,FRA,2.25\n")
    assert_pending(world, "state the year of all rows in the sheet's entry, such as year: 2019")
    text = world.mapping()
    start = text.index("    doubts:")
    entry = text[:start] + "    year: 2019\n" + text[text.index("    export:") :]
    (world.data / "ingest" / "mapping.yml").write_text(entry, encoding="utf-8")
    assert_read(world, {("DEU", "2019", "score"): "1.5", ("FRA", "2019", "score"): "2.25"})


def test_columns_with_different_units_are_pending(world):
    world.put(
        "Region,reporter,partner,Year,score\nx,DEU,FRA,2019,1\nx,FRA,DEU,2019,2\n",
    )
    result = world.run()
    assert result.accepted == {}
    assert "partner" in "\n".join(result.pending)


def test_units_are_preferred_to_region_with_years_across(world):
    world.put(
        "Region;Name;Code;2019;2020\nEurope;Germany;DEU;1;2\nEurope;France;FRA;3;\n", "score.csv"
    )
    assert_read(
        world,
        {
            ("DEU", "2019", "score"): "1",
            ("DEU", "2020", "score"): "2",
            ("FRA", "2019", "score"): "3",
        },
    )


def test_a_column_area_with_numbers_is_not_a_label(world):
    world.put("Country,Year,Area,score\nGermany,2019,357,1\nFrance,2019,551,2\n")
    world.run()
    assert world.values_by_key()["FRA", "2019", "area"] == "551"


def test_an_unknown_column_area_is_pending(world):
    catalog(world, UNITS, {"score": ("Score", "index")})
    world.put("Country,Year,Area,score\nGermany,2019,357,1\nFrance,2019,551,2\n")
    result = world.run()
    assert "column C 'Area': no indicator has exactly this name" in "\n".join(result.pending)
    assert (result.total("waiting"), len(world.values_by_key())) == (2, 2)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("unit|year|score\nDEU|2019|1.5\nFRA|2019|2\n", "a.txt"),
        ("unit|year|score\nDEU|2019|1.5\nFRA|2019|2\n", "a.csv"),
        ("unit year score\nDEU 2019 1.5\nFRA 2019 2\n", "a.txt"),
        ('"unit" "year" "score"\n"1" "DEU" 2019 1.5\n"2" "FRA" 2019 2\n', "a.txt"),
        ("unit        year  score\nGermany     2019    1.5\nFrance      2019      2\n", "a.txt"),
        ("unit\tyear\tscore\nDEU\t2019\t1.5\nFRA\t2019\t2\n", "a.csv"),
    ],
)
def test_texts_with_other_delimiters(world, text, name):
    world.put(text, name)
    assert_read(world, {("DEU", "2019", "score"): "1.5", ("FRA", "2019", "score"): "2"})


def test_a_blank_cell_of_a_fixed_width_table_shifts_nothing(world):
    world.put(
        "unit        year  score  inet\nGermany     2019           90\nFrance      2019      2\n",
        "a.txt",
    )
    assert_read(world, {("DEU", "2019", "inet"): "90", ("FRA", "2019", "score"): "2"})


@pytest.mark.parametrize(
    "text",
    [
        "unit~year~score\nDEU~2019~1.5\nFRA~2019~2\n",
        "The score of Germany is 1.5\nand of France 2.\n",
        "unit,year,score\nDEU,2019,(3)\nFRA,2019,12.5*\n".replace("unit", "x").replace("year", "y"),
    ],
)
def test_a_file_with_numbers_is_never_ignored_silently(world, text):
    world.put(text, "a.txt")
    world.put("unit,year,score\nDEU,2019,1\n", "b.csv")
    result = world.run()
    assert any(line.startswith("a.txt") for line in result.pending)
    assert result.total("waiting") >= 2


def test_a_text_without_numbers_is_ignored_and_reported(world):
    world.put("Downloaded by me\nin 2020\n", "a.txt")
    world.put("unit,year,score\nDEU,2019,1\n", "b.csv")
    result = world.run()
    assert result.pending == []
    assert "a.txt holds no value and is ignored" in "\n".join(result.notes)


def test_eurostat_codes_are_countries_or_aggregates(world):
    catalog(world, {**UNITS, "GRC": "Greece", "GBR": "United Kingdom"}, INDICATORS)
    world.put(
        "freq,indic_is,unit,geo\\TIME_PERIOD\t2019 \n"
        "A,inet,PC_IND,DE\t93.2 \nA,inet,PC_IND,EL\t78 \n"
        "A,inet,PC_IND,UK\t95 b\nA,inet,PC_IND,EU27_2020\t85 \nA,inet,PC_IND,EA19\t84 \n",
        "a.tsv",
    )
    result = assert_read(
        world,
        {
            ("DEU", "2019", "inet"): "93.2",
            ("GRC", "2019", "inet"): "78",
            ("GBR", "2019", "inet"): "95",
        },
    )
    assert "ignored 2 value(s) of 2 aggregate(s)" in "\n".join(result.notes)


def test_a_column_of_provinces_is_preferred_to_regions(folder):
    folder.put(
        "地区,省份名,年份,专利授权数\n东部,河北,2019,1\n西部地区,四川省,2019,2\n中部,山西,2019,3\n"
    )
    assert_read(
        folder,
        {
            ("13", "2019", "patents_granted"): "1",
            ("51", "2019", "patents_granted"): "2",
            ("14", "2019", "patents_granted"): "3",
        },
    )


def test_the_name_of_a_file_may_be_the_year_of_idata(world):
    world.put("uName,uCode,score\nGermany,DEU,1.5\n", "2019.csv")
    result = assert_read(world, {("DEU", "2019", "score"): "1.5"})
    assert "the year 2019 is taken from its name" in "\n".join(result.notes)


@pytest.mark.parametrize("label", ["Total, 15 to 24", "Total excluding farms"])
def test_a_label_that_begins_with_total_may_be_a_part(world, label):
    world.put(part("AGE", "X1", f'"{label}"'))
    assert_pending(world, "'AGE'", "X1")
