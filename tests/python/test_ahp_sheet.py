"""`python -m credit_indices ahp-sheet`, as a user runs it: output, messages and errors."""

import csv
import os
import subprocess
import sys

import duckdb
import pyarrow as pa
import pytest
from conftest import INDEX_COLUMNS, DataDir, rows

from credit_indices.stats import ahp

COLUMNS = ["index_code", "parent_code", "expert_id", "item_a", "item_b", "judgement", "question"]


@pytest.fixture
def command(tmp_path):
    """Run the command in an empty folder, where there is no warehouse."""
    folder = tmp_path / "here"
    folder.mkdir()

    def run(*arguments, **variables) -> subprocess.CompletedProcess:
        environment = {**os.environ, **variables}
        if not variables:
            environment.pop("CREDIT_INDICES_DATA_DIR", None)
        return subprocess.run(
            [sys.executable, "-m", "credit_indices", "ahp-sheet", *map(str, arguments)],
            cwd=folder,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )

    run.folder = folder
    return run


@pytest.fixture
def own() -> DataDir:
    """An index whose name a spreadsheet could read as a formula, and one without a name."""
    return DataDir(
        {
            "indices": rows(f"""
                {INDEX_COLUMNS}
                mine,Mine,,efficacy,60,40,pooled,ahp,weighted_mean
                flat,Flat,,efficacy,60,40,pooled,equal,weighted_mean
            """),
            "index_nodes": rows('''
                index_code,node_code,parent_code,name_en,name_zh,fixed_weight
                mine,risk,mine,=Risk,,
                mine,mine,,"Mine, ""all""",,
                mine,trust,mine,,,
                flat,flat,,Flat,,
            '''),
            "index_indicators": rows("""
                index_code,indicator_code,node_code,direction
                mine,loans,risk,1
                mine,queries,risk,1
                mine,fraud,risk,-1
                mine,surveys,trust,1
                flat,loans,flat,1
            """),
            "indicators": rows("""
                indicator_code,name_en
                loans,Bad loans
                queries,
                fraud,Fraud
                surveys,Surveys
            """),
        }
    )


def sheet_rows(path) -> list[dict[str, str]]:
    with open(path, newline="", encoding="utf-8") as stream:
        found = list(csv.DictReader(stream))
    assert list(found[0]) == COLUMNS
    return found


def failed(result, *sentences) -> None:
    assert result.returncode == 1, result.stdout
    assert "Traceback" not in result.stderr
    for sentence in sentences:
        assert sentence in result.stderr


def test_the_sheet_of_a_shipped_index(command):
    result = command("--index", "cei_full", "--expert", "li")
    assert result.returncode == 0, result.stderr
    found = sheet_rows(command.folder / "ahp_sheet_cei_full.csv")
    parents = list(dict.fromkeys(row["parent_code"] for row in found))
    assert parents[:3] == ["cei_full", "credit_launch", "enterprise_risk_management"]
    assert sum(row["parent_code"] == "cei_full" for row in found) == 21
    assert {row["expert_id"] for row in found} == {"li"}
    assert {row["judgement"] for row in found} == {""}
    assert found[0]["question"].startswith(
        "For 'China City Commercial Environment Credit Index': how many times as important is "
        "'Credit launch' as 'Enterprise risk management'? (1 = equally,"
    )
    assert (
        f"Wrote ahp_sheet_cei_full.csv: {len(found)} question(s) in {len(parents)} block(s), "
        "for li." in result.stdout
    )
    assert "make build DATA_DIR=folder" in result.stdout
    assert "Mind that" not in result.stdout


@pytest.mark.parametrize("file_format", ["csv", "parquet"])
def test_the_sheet_of_a_folder_with_its_own_index(command, own, tmp_path, file_format):
    data = own.write(tmp_path / "d[a]ta*")
    if file_format == "parquet":
        path = data / "index_nodes.csv"
        duckdb.read_csv(str(path).replace("[", "[[]").replace("*", "[*]")).write_parquet(
            str(path.with_suffix(".parquet"))
        )
        path.unlink()
    result = command("--index", "mine", "--data-dir", data, "--out", "sheet.csv")
    assert result.returncode == 0, result.stderr
    found = sheet_rows(command.folder / "sheet.csv")
    assert [(row["parent_code"], row["item_a"], row["item_b"]) for row in found] == [
        ("mine", "risk", "trust"),
        ("risk", "loans", "queries"),
        ("risk", "loans", "fraud"),
        ("risk", "queries", "fraud"),
    ]
    assert found[0]["question"].startswith(
        "For 'Mine, \"all\"': how many times as important is '=Risk' as 'trust'?"
    )
    assert found[1]["question"].startswith(
        "For '=Risk': how many times as important is 'Bad loans' as 'queries'?"
    )
    assert found[0]["expert_id"] == "expert_1"
    assert f"into {data} as ahp_judgements.csv" in result.stdout


def test_filled_in_sheet_is_a_judgement_table(command, own, tmp_path):
    command("--index", "mine", "--data-dir", own.write(tmp_path / "data"))
    weights = {"risk": 3, "trust": 1, "loans": 4, "queries": 2, "fraud": 1}
    filled = [
        {**row, "judgement": weights[row["item_a"]] / weights[row["item_b"]]}
        for row in sheet_rows(command.folder / "ahp_sheet_mine.csv")
    ]
    children = [
        {"index_code": "mine", "parent_code": parent, "item_code": code}
        for parent, codes in {
            "mine": ["risk", "trust"],
            "risk": ["loans", "queries", "fraud"],
        }.items()
        for code in codes
    ]
    found = ahp.priorities_table(
        pa.Table.from_pylist(filled),
        pa.Table.from_pylist(children),
        pa.Table.from_pylist([{"random_index_table": "t", "n_items": 3, "random_index": 0.58}]),
        "t",
    ).to_pylist()
    assert {r["item_code"]: r["weight"] for r in found if r["expert_id"] == "group"} == (
        pytest.approx(
            {"risk": 3 / 4, "trust": 1 / 4, "loans": 4 / 7, "queries": 2 / 7, "fraud": 1 / 7}
        )
    )


def test_tables_that_the_folder_lacks_are_those_of_the_project(command, own, tmp_path):
    del own.tables["indices"], own.tables["index_nodes"], own.tables["index_indicators"]
    own.tables["indicators"] = rows("""
        indicator_code,name_en
        consumer_credit_to_gdp,My own name
    """)
    data = own.write(tmp_path / "data")
    result = command("--index", "cei_full", CREDIT_INDICES_DATA_DIR=str(data))
    assert result.returncode == 0, result.stderr
    questions = "".join(
        row["question"] for row in sheet_rows(command.folder / "ahp_sheet_cei_full.csv")
    )
    assert "'My own name' as 'sme_share_of_loans'" in questions


def test_index_with_other_weighting_gives_a_warning(command):
    result = command("--index", "scdbi_official")
    assert result.returncode == 0
    assert "scdbi_official has the weighting entropy" in result.stdout


def test_a_sheet_is_not_overwritten(command):
    sheet = command.folder / "ahp_sheet_cei_full.csv"
    sheet.write_text("filled in")
    failed(command("--index", "cei_full"), "ahp_sheet_cei_full.csv exists already", "OUT=")
    assert sheet.read_text() == "filled in"


def test_invalid_requests_have_messages(command, own, tmp_path):
    data = own.write(tmp_path / "data")
    failed(
        command("--index", "min", "--data-dir", data),
        "The index 'min' is unknown. The indices are mine, flat.",
    )
    failed(command("--index", ""), "INDEX is missing. The indices are scdbi, ")
    failed(command("--index", "flat", "--data-dir", data), "The index flat has no pairs to compare")
    failed(command("--index", "mine", "--data-dir", tmp_path / "none"), "none' does not exist")
    failed(command("--index", "cei_full", "--out", "no/where.csv"), "where.csv cannot be written")
    failed(command("--index", "cei_full", "--expert", "group"), "EXPERT cannot be 'group'")

    (data / "index_nodes.csv").write_text("index_code,node_code,name_en\nmine,mine,Mine,all\n")
    (data / "index_indicators.csv").unlink()
    failed(
        command("--index", "mine", "--data-dir", data),
        "The input is not valid: 3 fault(s). No sheet was written.",
        "index_nodes.csv row 1: parent_code is not among the columns",
        "index_nodes.csv row 2: has 4 fields, the header has 3.",
        "index_indicators.csv: is missing: a folder with its own indices must also hold its own",
    )
    assert list(command.folder.iterdir()) == []
