"""Invalid input: one readable message for all faults, no partial marts, no lost records."""

import json
import re

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from conftest import PROJECT, DataDir

pytestmark = pytest.mark.marts(
    "index_scores",
    "index_node_scores",
    "index_weights",
    "scdbi",
    "cei",
    "input_warnings",
    "quarantined_observations",
)

NODE = {
    "index_code": "test",
    "node_code": "x",
    "parent_code": "test",
    "name_en": "X",
    "name_zh": "",
    "fixed_weight": "",
}


def change(table: str, row: int, **cells):
    """A change of one row; row 0 is the first record, in line 2 of the file."""
    return lambda tables: tables[table][row].update({k: str(v) for k, v in cells.items()})


def append(table: str, **cells):
    return lambda tables: tables[table].append({**tables[table][0], **cells})


def keep(table: str, condition):
    return lambda tables: tables.update({table: [row for row in tables[table] if condition(row)]})


def several(*changes):
    return lambda tables: [change_(tables) for change_ in changes]


def set_all(table: str, condition, **cells):
    return lambda tables: [row.update(cells) for row in tables[table] if condition(row)]


FAULTS = {
    "duplicate observation": (
        append("observations"),
        [
            "observations.csv row 20: value '1' is a second record of unit_id a, period 2019, "
            "indicator_code cable; the first is in row 2"
        ],
    ),
    "duplicate unit": (append("units"), ["units.csv row 5: unit_id 'a' is already in row 2"]),
    "duplicate member": (
        append("index_indicators"),
        ["index_indicators.csv row 5: indicator_code 'cable' is already in row 2"],
    ),
    "empty key": (change("units", 0, unit_id=""), ["units.csv row 2: unit_id is empty"]),
    "unknown node": (
        change("index_indicators", 0, node_code="nowhere"),
        ["index_indicators.csv row 2: node_code 'nowhere' is not a node of the index test"],
    ),
    "unknown parent": (
        change("index_nodes", 1, parent_code="nowhere"),
        ["index_nodes.csv row 3: parent_code 'nowhere' is not a node of the index test"],
    ),
    "unknown indicator in the catalogue": (
        change("index_indicators", 0, indicator_code="zzz"),
        ["index_indicators.csv row 2: indicator_code 'zzz' is unknown"],
    ),
    "unknown index": (
        append("index_indicators", index_code="zzz"),
        ["index_indicators.csv row 5: index_code 'zzz' is unknown"],
    ),
    "unknown words": (
        change(
            "indices", 0, normalization="minmax", weighting="ahp!", aggregation="mean", frame="all"
        ),
        [
            "indices.csv row 2: normalization 'minmax' is not one of min_max, efficacy, none",
            "indices.csv row 2: weighting 'ahp!' is not one of entropy, equal, fixed",
            "indices.csv row 2: aggregation 'mean' is not one of weighted_share, weighted_mean",
            "indices.csv row 2: frame 'all' is not one of pooled, by_period",
        ],
    ),
    "unknown policy": (
        change("indicators", 0, missing_policy="drop"),
        ["indicators.csv row 2: missing_policy 'drop' is not one of fail, zero, minimum"],
    ),
    "directions 0 and 2": (
        several(
            change("index_indicators", 0, direction=0), change("index_indicators", 1, direction=2)
        ),
        [
            "index_indicators.csv row 2: direction '0' must be 1 (more is better) or -1",
            "index_indicators.csv row 3: direction '2' must be 1 (more is better) or -1",
        ],
    ),
    "node without children": (
        append("index_nodes", **NODE),
        ["index_nodes.csv row 5: node_code 'x' of the index test has no children"],
    ),
    "two roots": (
        several(
            append("index_nodes", **{**NODE, "parent_code": ""}),
            change("index_indicators", 0, node_code="x"),
            append("index_indicators", indicator_code="patents"),
            keep("index_indicators", lambda row: row["node_code"] != "base"),
        ),
        ["index_nodes.csv row 5: node_code 'x' is a second root of the index test"],
    ),
    "no root": (
        change("index_nodes", 0, parent_code="base"),
        ["indices.csv row 2: index_code 'test' has no root"],
    ),
    "root with another code": (
        several(
            change("index_nodes", 0, node_code="top"),
            change("index_nodes", 1, parent_code="top"),
            change("index_nodes", 2, parent_code="top"),
        ),
        ["node_code 'top' is the root of the index test: the root has the code of its index"],
    ),
    "cycle": (
        several(
            change("index_nodes", 1, parent_code="risk"),
            change("index_nodes", 2, parent_code="base"),
        ),
        [
            "index_nodes.csv row 3: parent_code 'risk' makes a cycle: the node base is its own",
            "index_nodes.csv row 4: parent_code 'base' makes a cycle: the node risk is its own",
        ],
    ),
    "nine levels": (
        several(
            *[
                append(
                    "index_nodes",
                    **{
                        **NODE,
                        "node_code": f"level_{level}",
                        "parent_code": "base" if level == 3 else f"level_{level - 1}",
                    },
                )
                for level in range(3, 10)
            ],
            change("index_indicators", 0, node_code="level_9"),
        ),
        ["node_code 'level_9' is deeper than eight levels"],
    ),
    "fixed weights missing and negative": (
        several(
            change("indices", 0, weighting="fixed"),
            change("index_nodes", 1, fixed_weight=""),
            change("index_nodes", 2, fixed_weight=-1),
        ),
        [
            "index_nodes.csv row 3: fixed_weight of the node base must be a number of at least 0",
            "index_nodes.csv row 4: fixed_weight '-1' of the node risk must be a number",
        ],
    ),
    "fixed weights all zero": (
        several(
            change("indices", 0, weighting="fixed"),
            change("index_nodes", 1, fixed_weight=0),
            change("index_nodes", 2, fixed_weight=0),
        ),
        ["index_nodes.csv row 3: fixed_weight '0' is 0 for every child of test"],
    ),
    "missing cell": (
        keep(
            "observations",
            lambda row: (
                not (
                    row["unit_id"] == "b"
                    and row["period"] == 2020
                    and row["indicator_code"] == "cable"
                )
            ),
        ),
        ["value of cable is missing for unit_id b, period 2020, but the index test requires it"],
    ),
    "missing cell at the end of an interpolation": (
        several(
            keep(
                "observations",
                lambda row: (
                    not (
                        row["unit_id"] == "b"
                        and row["period"] == 2020
                        and row["indicator_code"] == "cable"
                    )
                ),
            ),
            change("indicators", 0, missing_policy="interpolate"),
        ),
        ["it cannot be interpolated, since the unit has no observed period on both sides"],
    ),
    "indicator without observations": (
        keep("observations", lambda row: row["indicator_code"] != "cable"),
        ["indicator_code 'cable' has no accepted observation, but the index test requires it"],
    ),
    "all constant": (
        set_all("observations", lambda row: True, value=5),
        ["index_code 'test' has only constant indicators"],
    ),
    "all constant in one period": (
        several(
            set_all("observations", lambda row: row["period"] == 2020, value=5),
            change("indices", 0, frame="by_period"),
        ),
        ["index_code 'test' has only constant indicators in the period 2020"],
    ),
    "one unit by period": (
        several(
            keep("observations", lambda row: row["unit_id"] == "a"),
            change("indices", 0, frame="by_period"),
        ),
        ["index_code 'test' has observations of one unit only, and its frame is by_period"],
    ),
    "one unit and period": (
        keep("observations", lambda row: (row["unit_id"], row["period"]) == ("a", 2019)),
        ["index_code 'test' has only one unit and period, which gives no bounds"],
    ),
    "a range beyond doubles": (
        several(
            change("indicators", 0, lower_bound=""),
            change("observations", 0, value="1e308"),
            change("observations", 1, value="-1e308"),
        ),
        [
            "observations: indicator_code 'cable' has a range in the index test that exceeds the "
            "range of a double: its bounds are -1e+308 and 1e+308, its values run from -1e+308 "
            "to 1e+308"
        ],
    ),
    "a later value beyond doubles": (
        several(
            change("indices", 0, reference_last_period="2019"),
            change("indicators", 0, lower_bound=""),
            change("observations", 0, value="-1e308"),
            change("observations", 3, value="1e308"),
        ),
        ["observations: indicator_code 'cable' has a range in the index test"],
    ),
    "scores and weights beyond doubles": (
        several(
            change("indices", 0, normalization="efficacy", score_base="1e308", score_span="1e308"),
            set_all("index_indicators", lambda row: True, fixed_weight="1"),
            change("index_indicators", 0, fixed_weight="1e308"),
        ),
        [
            "indices.csv row 2: score_span '1e308' and the score_base 1e308 are too large",
            "index_indicators.csv row 2: fixed_weight '1e308' is above 1e100",
        ],
    ),
    "goalposts beyond doubles": (
        several(
            set_all("index_indicators", lambda row: True, lower_goalpost="", upper_goalpost=""),
            change("index_indicators", 0, lower_goalpost="-1e308", upper_goalpost="1e308"),
        ),
        ["index_indicators: indicator_code 'cable' has a range in the index test"],
    ),
    "a sum beyond doubles": (
        several(
            change("indices", 0, normalization="none"),
            change("index_indicators", 2, direction=1),
            change("observations", 0, value="1e308"),
        ),
        ["observations: indicator_code 'cable' has a range in the index test"],
    ),
    "range factor": (
        several(
            set_all("indicators", lambda row: True, range_factor=""),
            change("indicators", 0, range_factor="0.5"),
        ),
        ["indicators.csv row 2: range_factor '0.5' is not a number from 1 to 1e9"],
    ),
    "header-only observations": (
        lambda tables: tables["observations"].__delitem__(slice(None)),
        ["index_code 'test' has no accepted observation of any of its indicators"],
    ),
    "everything quarantined": (
        set_all("observations", lambda row: True, value="n/a"),
        ["no record was accepted: all are quarantined"],
    ),
    "negative value under none": (
        several(
            change("indices", 0, normalization="none"),
            change("index_indicators", 2, direction=1),
            change("indicators", 0, lower_bound=""),
            change("observations", 0, value=-3),
        ),
        [
            "observations.csv row 2: value '-3' of cable is negative, but the index test has the "
            "normalization none"
        ],
    ),
    "zero sum under none": (
        several(
            change("indices", 0, normalization="none"),
            change("index_indicators", 2, direction=1),
            set_all("observations", lambda row: row["indicator_code"] == "cable", value=0),
        ),
        ["indicator_code 'cable' sums to zero in the index test: its shares are not defined"],
    ),
    "negative direction under none": (
        change("indices", 0, normalization="none"),
        ["index_indicators.csv row 4: direction '-1' is not possible: the index test has the"],
    ),
    "goalpost under none": (
        several(
            change("indices", 0, normalization="none"),
            change("index_indicators", 2, direction=1),
            set_all("index_indicators", lambda row: True, lower_goalpost=""),
            change("index_indicators", 0, lower_goalpost="1"),
        ),
        ["index_indicators.csv row 2: lower_goalpost '1' has no meaning: the index test has"],
    ),
    "one goalpost beyond the values": (
        several(
            set_all("index_indicators", lambda row: True, lower_goalpost=""),
            change("index_indicators", 0, lower_goalpost="9"),
        ),
        ["lower_goalpost '9.0' of cable in the index test leaves no range"],
    ),
    "fixed weights on constants only": (
        several(
            change("indices", 0, weighting="fixed"),
            set_all("observations", lambda row: row["indicator_code"] == "bad_loans", value=2),
            change("index_nodes", 1, fixed_weight=0),
        ),
        ["index_code 'test' has all of its fixed weights on constant indicators or on weights"],
    ),
    "efficacy without a span": (
        change("indices", 0, normalization="efficacy", score_base=60),
        ["indices.csv row 2: score_span must be a number above 0"],
    ),
    "skip under weighted_share": (
        change("indicators", 0, missing_policy="skip"),
        ["indicator_code 'cable' has the missing policy skip, which requires an index with"],
    ),
    "text in a number of the catalogue": (
        change("indicators", 2, upper_bound="hundred"),
        ["indicators.csv row 4: upper_bound 'hundred' is not a number"],
    ),
}


def index_marts(result) -> list[tuple]:
    return result.query("select table_name from duckdb_tables() where schema_name = 'marts'")


@pytest.mark.parametrize("fault", FAULTS)
def test_fault_stops_the_build_and_is_named(fault, small, build):
    spoil, expected = FAULTS[fault]
    columns = {name: list(table[0]) for name, table in small.tables.items()}
    spoil(small.tables)
    for name in [name for name, table in small.tables.items() if not table]:
        del small.tables[name]
        small.files[f"{name}.csv"] = (",".join(columns[name]) + "\n").encode()
    result = build(small)
    assert not result.succeeded
    for message in expected:
        assert message in result.message
    assert "Traceback" not in result.message
    assert index_marts(result) == []


@pytest.mark.parametrize(
    "fault",
    [
        "duplicate observation",
        "negative value under none",
        "all constant",
        "everything quarantined",
        "cycle",
        "unknown words",
    ],
)
def test_no_data_test_fails_before_the_gate(fault, small, build):
    spoil, expected = FAULTS[fault]
    spoil(small.tables)
    result = build(small, command="build")
    for message in expected:
        assert message in result.message
    assert result.message.count("Error in") == 1
    assert "Got " not in result.message


def test_duplicate_beside_an_interpolated_gap_is_named(small, build):
    for indicator in small.tables["indicators"]:
        indicator["missing_policy"] = "interpolate"
    for period in (2022,):
        for row in [row for row in small.tables["observations"] if row["period"] == 2020]:
            small.tables["observations"].append({**row, "period": period})
    small.tables["observations"].append(
        {"unit_id": "a", "period": 2021, "indicator_code": "cable", "value": 1}
    )
    append("observations")(small.tables)
    result = build(small, command="build")
    assert "is a second record of unit_id a, period 2019, indicator_code cable" in result.message
    assert result.message.count("Error in") == 1


@pytest.mark.marts("*")
def test_all_faults_are_in_one_message(small, build):
    change("indices", 0, frame="all")(small.tables)
    change("index_indicators", 0, direction=0)(small.tables)
    append("units")(small.tables)
    append("observations")(small.tables)
    small.files["observation.csv"] = b"unit_id\n"
    result = build(small)
    # The misspelt name may refer to observations, so messages about its records are suppressed.
    for message in (
        "frame 'all'",
        "direction '0'",
        "unit_id 'a' is already",
        "observation.csv: is not",
    ):
        assert message in result.message
    assert "4 fault(s)" in result.message


def test_more_faults_than_fit_a_message_are_counted_and_kept(small, build):
    for number in range(30):
        append("units", unit_id="a", name_en=f"again {number}")(small.tables)
    result = build(small)
    assert "30 fault(s)" in result.message
    assert "units.csv: 10 more like these" in result.message
    assert result.value("select count(*) from intermediate.int_input__violations") == 30


FILE_FAULTS = {
    "empty file": ({"units.csv": b""}, ["units.csv: is empty (0 bytes)"]),
    "wrong encoding": (
        {"units.csv": "unit_id,name_en,name_zh,region\na,A,甲,n\n".encode("gb18030")},
        ["units.csv row 2: is not UTF-8 text", "Save it as CSV UTF-8"],
    ),
    "missing column": (
        {"observations.csv": b"unit_id,period,indicator_code,val\na,2019,cable,1\n"},
        ["observations.csv row 1: value is not among the columns", "If it is the column 'val'"],
    ),
    "too many fields": (
        {"observations.csv": b"unit_id,period,indicator_code,value\na,2019,cable,1,234\n"},
        ["observations.csv row 2: 'a,2019,cable,1,234' has 5 fields, the header has 4."],
    ),
    "too few fields": (
        {"observations.csv": b"unit_id,period,indicator_code,value\na,2019\n"},
        ["observations.csv row 2: 'a,2019' has 2 fields, the header has 4."],
    ),
    "open quote": (
        {"observations.csv": b'unit_id,period,indicator_code,value\na,2019,cable,"1\n'},
        ["observations.csv row 2: is not valid CSV"],
    ),
    "mixed line ends": (
        {"units.csv": b"unit_id,name_en,name_zh,region\r\na,A,x,n\nb,B,y,n\r\n"},
        ["units.csv: mixes kinds of line ends"],
    ),
    "column twice": (
        {"units.csv": b"unit_id,name_en,name_zh,region,region\na,A,x,n,n\n"},
        ["units.csv row 1: region is 2 times in the header"],
    ),
    "no Parquet": ({"units.parquet": b"PAR1 not at all"}, ["units.parquet: is not a readable"]),
    "mistyped name": (
        {"observation.csv": b"unit_id\n"},
        ["observation.csv: is not the name of an input table. Did you mean observations.csv?"],
    ),
    "comma at the end of the header": (
        {"units.csv": b"unit_id,name_en,name_zh,region,\na,A,x,n,\nb,B,y,n,\nc,C,z,s,\n"},
        ["units.csv row 1: has a column without a name"],
    ),
    "column in two spellings": (
        {"observations.csv": b"unit_id,period,indicator_code,value,Value\na,2019,cable,1,2\n"},
        ["observations.csv row 1: Value is in the header in upper and in lower case"],
    ),
    "empty first line": (
        {"units.csv": b"\nunit_id,name_en,name_zh,region\na,A,x,n\n"},
        ["units.csv row 1: begins with an empty line"],
    ),
    "doubled carriage returns": (
        {"units.csv": b"unit_id,name_en,name_zh,region\r\r\na,A,x,n\r\r\n"},
        ["units.csv: mixes kinds of line ends"],
    ),
    "compressed file": ({"units.csv.gz": b"\x1f\x8b"}, ["units.csv.gz: cannot be read: save it"]),
    "no ending": ({"observations": b"unit_id\n"}, ["observations: cannot be read: save it"]),
    "spreadsheet": (
        {"units.xlsx": b"PK"},
        [
            "units.xlsx: cannot be read: save it as units.csv",
            "units.xlsx is an Excel workbook: run make ingest FROM=",
        ],
    ),
    "semicolons": (
        {"observations.csv": b"unit_id;period;indicator_code;value\na;2019;cable;1,5\n"},
        ["observations.csv row 1: separates its columns by semicolons; commas are expected"],
    ),
    "quoted header with semicolons": (
        {"observations.csv": b'"unit_id";"period";"indicator_code";"value"\n"a";1;"b";1,5\n'},
        ["observations.csv row 1: separates its columns by semicolons; commas are expected"],
    ),
    "tabs": (
        {"units.csv": b"unit_id\tname_en\tname_zh\tregion\na\tA\tx\tn\n"},
        ["units.csv row 1: separates its columns by tabs"],
    ),
    "years as columns": (
        {"observations.csv": b"unit_id,indicator_code,2019 [YR2019],2020 [YR2020]\na,cable,1,2\n"},
        ["observations.csv row 1: is a wide table, with a column for each of 2019 [YR2019] to"],
    ),
    "indicators as columns": (
        {"observations.csv": b"unit_id,period,cable,patents\na,2019,1,2\n"},
        ["observations.csv row 1: is a wide table: cable, patents are columns"],
    ),
}


@pytest.mark.parametrize("fault", FILE_FAULTS)
def test_file_fault_stops_the_build_and_is_named(fault, small, build):
    files, expected = FILE_FAULTS[fault]
    for name, content in files.items():
        small.tables.pop(name.partition(".")[0], None)
        small.files[name] = content
    result = build(small)
    assert not result.succeeded
    for message in expected:
        assert message in result.message
    assert "1 fault(s)" in result.message
    assert "Traceback" not in result.message


def test_a_table_in_two_formats_is_a_fault(small, build, tmp_path):
    folder = small.write(tmp_path / "data")
    pq.write_table(pa.table({"unit_id": ["a"]}), folder / "units.parquet")
    assert "units.csv/.parquet: exists as .csv and as .parquet" in build(folder).message


def test_folder_with_indices_must_hold_related_tables(small, build):
    del small.tables["index_nodes"]
    message = build(small).message
    assert (
        "index_nodes.csv: is missing: a folder with its own indices must also hold its own"
        in message
    )
    assert "1 fault(s)" in message


def test_a_folder_that_does_not_exist_stops_before_anything_runs(build, tmp_path):
    result = build(tmp_path / "nowhere")
    assert not result.succeeded
    assert "nowhere' does not exist" in result.message
    assert index_marts(result) == []


QUARANTINED = {
    ("value", "text"): "is not a number",
    ("value", "1,234"): "is not a number",
    ("value", "--"): "is not a number",
    ("value", "NaN"): "is not a number",
    ("value", "inf"): "is not a number",
    ("value", "1e999"): "is not a number",
    ("value", "1_000"): "is not a number",
    ("value", "１２"): "is not a number",
    ("value", ""): "value is empty",
    ("value", "-1"): "below the lower bound 0",
    ("value", "101"): "above the upper bound 100",
    ("period", "2020.6"): "is not an integer",
    ("period", ""): "period is empty",
    ("unit_id", "Beta"): "is unknown: units are listed in units; did you mean b?",
    ("indicator_code", "cabel"): "is unknown: indicators are listed in indicators",
}


def test_invalid_cell_is_quarantined_with_its_place(small, build):
    for indicator in small.tables["indicators"]:
        indicator.update(missing_policy="zero", upper_bound=100)
    n_valid = len(small.tables["observations"])
    for column, text in QUARANTINED:
        small.tables["observations"].append(
            {"unit_id": "a", "period": 2021, "indicator_code": "cable", "value": 1, column: text}
        )
    result = build(small)
    assert result.succeeded, result.message
    quarantined = result.query(
        "select source_file, source_row, column_name, coalesce(value, ''), reason "
        "from quality.quarantined_observations order by source_row"
    )
    for number, ((column, text), reason) in enumerate(QUARANTINED.items()):
        source_file, source_row, column_name, value, why = quarantined[number]
        assert (source_file, source_row) == ("observations.csv", n_valid + 2 + number)
        assert (column_name, value) == (column, text)
        assert reason in why
    assert len(quarantined) == len(QUARANTINED)
    assert result.value("select count(*) from intermediate.int_observations__accepted") == n_valid
    # The file is parsed once (docs/decisions/0024).
    assert "read_csv" not in result.value(
        "select string_agg(sql, ' ') from duckdb_views() where view_name like 'int_observations%'"
    )


def test_record_with_several_faults_is_one_row(small, build):
    append("observations", unit_id="z", period="x", value="y")(small.tables)
    result = build(small)
    assert result.succeeded, result.message
    ((column, reason),) = result.query(
        "select column_name, reason from quality.quarantined_observations"
    )
    assert column == "unit_id"
    assert "unit_id is unknown" in reason
    assert "period is not an integer" in reason
    assert "value is not a number" in reason


def test_unusual_but_valid_input_gives_a_warning(small, build):
    set_all("observations", lambda row: row["indicator_code"] == "cable", value=5)(small.tables)
    for row in small.tables["units"]:
        row["note"] = "extra"
    result = build(small)
    assert result.succeeded, result.message
    warnings = result.query("select rule, reason from quality.input_warnings order by rule, reason")
    assert [rule for rule, _ in warnings] == ["constant_indicator", "extra_column"]
    assert (
        result.value(
            "select weight from marts.index_weights "
            "where scheme = 'headline' and indicator_code = 'cable'"
        )
        == 0
    )


@pytest.mark.marts("scdbi", "cei", "ahp_consistency", "panel_fits", "input_warnings")
def test_shipped_indices_without_data_give_a_warning(build):
    observations = [
        {"unit_id": unit, "period": 2020, "indicator_code": code, "value": value}
        for unit, value in (("11", 3), ("12", 2), ("13", 1))
        for code in (
            "invention_patents_granted",
            "patents_granted",
            "invention_patent_applications",
            "tech_market_turnover",
            "science_technology_expenditure",
        )
    ]
    result = build(DataDir({"observations": observations}))
    assert result.succeeded, result.message
    assert result.query("select distinct index_code from marts.index_scores") == [
        ("scdbi_official",)
    ]
    assert result.query("select count(*) from marts.scdbi") == [(0,)]
    left_out = result.query(
        "select value from quality.input_warnings where rule = 'index_without_data' order by value"
    )
    assert left_out == [
        ("cei",),
        ("cei_eq1",),
        ("cei_full",),
        ("scdbi",),
        ("scdbi_ex_npl",),
        ("scdbi_five",),
    ]
    assert result.query("select count(*) from marts.cei") == [(0,)]
    assert result.query("select count(*) from marts.ahp_consistency") == [(0,)]
    assert result.query("select analysis_code, status from marts.pca_fits order by 1") == [
        ("cei_published", "ok"),
        ("cei_rankings", "not_estimated"),
        ("comprehensive_risk", "not_estimated"),
    ]
    assert result.query("select distinct status from marts.panel_fits") == [("not_estimated",)]


def test_unusual_but_valid_files_are_read(small, build):
    del small.tables["units"]
    small.files["units.csv"] = (
        "region,name_zh,name_en,unit_id\r\n"
        'north,甲,"Al\npha",a\r\nnorth,乙,"B, ""the"" second",b\r\nsouth,丙,C,c\r\n'
    ).encode("utf-8-sig")
    small.files["panel_specs.csv"] = b"spec_code,table_code,title,formula,sample_region,cluster\n"
    small.files["notes.txt"] = b"not a table"
    change("observations", 0, value="1e-05")(small.tables)
    result = build(small, folder_name='my data\'s [2020] {x} "q" *?')
    assert result.succeeded, result.message
    assert result.query("select distinct unit_name from marts.index_scores order by 1") == [
        ("Al\npha",),
        ('B, "the" second',),
        ("C",),
    ]
    assert result.value("select min(value) from intermediate.int_observations__accepted") == 0
    assert result.value(
        "select value from intermediate.int_observations__typed "
        "where unit_id = 'a' and period = 2019 and indicator_code = 'cable'"
    ) == pytest.approx(1e-5)


def test_values_are_never_run_as_sql(small, build):
    """A name and a code that would end a literal and drop a table if they were pasted into SQL."""
    small.tables["units"][0]["name_en"] = "'; drop table marts.scdbi; --"
    for table in ("indices", "index_nodes", "index_indicators"):
        for row in small.tables[table]:
            for column in ("index_code", "node_code", "parent_code"):
                if row.get(column) == "test":
                    row[column] = "te'st\"; --"
    small.tables["units"][0]['no"te'] = "x"
    result = build(small, folder_name="o'brien")
    assert result.succeeded, result.message
    assert result.value("select min(index_code) from marts.index_scores") == "te'st\"; --"


def test_folder_without_tables_does_not_use_shipped_data(build, tmp_path):
    (tmp_path / "empty").mkdir()
    (tmp_path / "empty" / "readme.txt").write_text("figures follow")
    message = build(tmp_path / "empty").message
    assert "empty: holds none of the input tables, such as observations.csv" in message


def test_faults_of_a_parquet_folder_are_named(small, build, tmp_path):
    folder = small.write(tmp_path / "data") / "enterprise_events"
    columns = ["event_id", "enterprise_id", "occurred_at", "recorded_at", "event_type"]
    for day, table in {
        1: {name: ["x"] for name in columns} | {"amount": [1.5]},
        2: {name: ["x"] for name in columns} | {"amount": [None]},
        3: {name: ["x"] for name in columns} | {"amount": ["much"]},
        4: {name: ["x"] for name in columns[1:]},
    }.items():
        (folder / f"day={day}").mkdir(parents=True)
        pq.write_table(pa.table(table), folder / f"day={day}" / "x.parquet")
    (folder / "day=5").mkdir()
    (folder / "day=5" / "x.csv").write_text(",".join(columns))
    message = build(tmp_path / "data").message
    for fault in (
        "enterprise_events/day=3/x.parquet row 1: amount has another type than in "
        "enterprise_events/day=1/x.parquet",
        "enterprise_events/day=4/x.parquet row 1: event_id is not among the columns",
        "enterprise_events/day=5/x.csv: cannot be read: a folder of a table holds Parquet files",
    ):
        assert fault in message, fault
    assert "day=1/x.parquet row" not in message and "day=2" not in message
    (tmp_path / "data" / "enterprise_events.csv").write_text(",".join(columns))
    assert "exists beside a folder of this name" in build(tmp_path / "data").message


def test_a_broken_link_is_a_fault(small, build, tmp_path):
    del small.tables["units"]
    folder = small.write(tmp_path / "data")
    (folder / "units.csv").symlink_to(tmp_path / "gone.csv")
    assert "units.csv: is not a file" in build(folder).message


@pytest.mark.parametrize("name", ["value=7", "period=2020", "unit_id=a"])
def test_the_name_of_a_folder_is_no_column(name, small, build, tmp_path):
    """DuckDB would read `value=7` in a path as a partition of a table."""
    folder = small.write(tmp_path / name / "data")
    table = pa.Table.from_pylist(small.tables["units"])
    (folder / "units.csv").unlink()
    pq.write_table(table, folder / "units.parquet")
    result = build(folder)
    assert result.succeeded, result.message
    assert result.query(
        "select value from intermediate.int_observations__accepted "
        "join intermediate.int_catalog__indicators using (indicator_key) "
        "where indicator_code = 'cable' order by value"
    ) == [(1,), (2,), (3,), (4,), (5,), (8,)]
    assert result.value("select count(*) from intermediate.int_catalog__units") == 3


def test_user_columns_do_not_break_record_numbers(small, build):
    for number, row in enumerate(small.tables["observations"]):
        row.update(source_row=f"x{number}", origin="elsewhere", source_file="y")
    small.tables["observations"][3]["value"] = "n/a"
    for indicator in small.tables["indicators"]:
        indicator["missing_policy"] = "zero"
    result = build(small)
    assert result.succeeded, result.message
    assert result.query(
        "select source_file, source_row, value from quality.quarantined_observations"
    ) == [("observations.csv", 5, "n/a")]


def test_user_values_replace_shipped_indicators(build):
    codes = (
        "invention_patents_granted",
        "patents_granted",
        "invention_patent_applications",
        "tech_market_turnover",
        "science_technology_expenditure",
    )
    data = DataDir(
        {
            "observations": [
                {"unit_id": unit, "period": 2147483647, "indicator_code": code, "value": value}
                for unit, value in (("11", 3), ("12", 2))
                for code in codes
            ]
        }
    )
    result = build(data, command="build")
    assert result.succeeded, result.message
    assert result.query("select distinct index_code, data_origin from marts.index_scores") == [
        ("scdbi_official", "user")
    ]


TABLES_WITH_KEYS_OF_ANOTHER_KIND = {
    "observations": "int_observations__duplicates: the key is of typed columns",
    "enterprises": "quarantined by the early warning",
    "enterprise_events": "quarantined by the early warning",
    "enterprise_consents": "quarantined by the early warning",
    "loans": "quarantined by the part credit_models",
    "loan_features": "quarantined by the part credit_models",
    "loan_features_wide": "quarantined by the part credit_models",
    "coverage_records": "quarantined by the part coverage",
    "ratings": "quarantined by the part coverage",
    "enterprise_links": "quarantined by the part neighbours",
    "ahp_judgements": "a pair of items is the same in both orders",
    "periods": "2024-01 and 2024M01 are the same period",
    "policy_cases": "spec_code may be empty",
}
ENUMERATIONS_CHECKED_ELSEWHERE = {
    "index_indicators.direction": "1 may be written as 1.0",
    "enterprise_events.role": "quarantined by the early warning",
    "enterprise_events.result": "quarantined by the early warning",
    "enterprise_consents.data_class": "quarantined by the early warning",
    "coverage_records.kind": "quarantined by the part coverage",
    "loans.decision": "quarantined by the part credit_models",
    "loans.outcome": "quarantined by the part credit_models",
    "loan_features.source": "quarantined by the part credit_models",
    "enterprise_links.kind": "quarantined by the part neighbours",
}


def test_keys_and_enumerations_of_tables_are_checked(runner):
    tables = json.loads(runner.rendered("{{ input_tables() | tojson }}"))
    assert {name for name, table in tables.items() if "key" not in table} == set(
        TABLES_WITH_KEYS_OF_ANOTHER_KIND
    ), "a table of macros/input/input_tables.sql has no key"
    checked = {
        f"{name}.{column}"
        for name, table in tables.items()
        for column in table.get("choices", []) + table.get("optional_choices", [])
    }
    listed = json.loads(runner.rendered("{{ enumerations() | tojson }}"))
    of_tables = {one for one in listed if one.split(".")[0] in tables}
    assert of_tables - checked == set(ENUMERATIONS_CHECKED_ELSEWHERE), (
        "an enumeration of macros/input/allowed_values.sql is not in choices of "
        "macros/input/input_tables.sql"
    )
    for name, table in tables.items():
        columns = {*table["required"], *table["optional"]}
        for checks in ("key", "choices", "optional_choices", "numbers"):
            assert set(table.get(checks, [])) <= columns, f"{checks} of {name}"


def test_documents_name_all_columns_of_tables(runner):
    methods = PROJECT / "docs" / "methods"
    pages = (
        "input_layer.md",
        "early_warning.md",
        "credit_models.md",
        "coverage.md",
        "neighbours.md",
    )
    text = "".join((methods / page).read_text(encoding="utf-8") for page in pages)
    rows = dict(re.findall(r"(?m)^\| `?(\w+)`? \| (.*) \|$", text))
    for name, table in json.loads(runner.rendered("{{ input_tables() | tojson }}")).items():
        assert name in rows, f"no row for {name} in docs/methods/{' or '.join(pages)}"
        columns = {*table["required"], *table["optional"]}
        assert columns <= set(re.findall(r"\w+", rows[name])), f"columns of {name}"
