"""The command, its messages, and faulty or hostile mappings."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from credit_indices import __main__
from credit_indices.ingest import IngestError, ingest

TABLE = "地区,年份,专利授权数\n河北,2011,5\n河南,2011,6\n"


@pytest.fixture
def command(tmp_path, monkeypatch, capsys):
    """Run the command in this process, as the shell would."""
    monkeypatch.chdir(tmp_path)
    Path("from").mkdir()
    Path("from/a.csv").write_text(TABLE, encoding="utf-8")

    def run(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["credit_indices", "ingest", *arguments])
        status = __main__.main()
        return status, *capsys.readouterr()

    return run


def test_a_run_prints_a_summary_and_the_next_step(command):
    status, out, _ = command("--from", "from", "--to", "to")
    assert status == 0
    assert out.splitlines() == [
        "Read 2 values in 1 file(s): 2 accepted, 0 missing, 0 rejected.",
        "Wrote to/observations.csv. Next: make build DATA_DIR=to",
    ]
    _, out, _ = command("--from", "from", "--to", "to")
    assert out.splitlines()[-1] == "Nothing has changed. Next: make build DATA_DIR=to"


def test_rejected_values_are_shown_with_place_and_reason(command):
    Path("from/a.csv").write_text(TABLE + "河北,2012,5*\n", encoding="utf-8")
    status, out, _ = command("--from", "from", "--to", "to")
    assert status == 0
    assert "  - a.csv C4 '5*': is a number with other characters; write only the number." in out
    assert "Fill in corrected_value" in out
    assert command("--from", "from", "--to", "to", "--strict")[0] == 1


def test_nothing_accepted_is_a_failure(command):
    Path("from/a.csv").write_text("地区,年份,x\n河北,2011,5\n", encoding="utf-8")
    status, out, _ = command("--from", "from", "--to", "to")
    assert status == 1
    assert "No value was accepted; to/observations.csv was not written." in out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("", "to"), "FROM is missing"),
        (("from", ""), "TO is missing"),
        (("nowhere", "to"), "FROM=nowhere does not exist"),
        (("from", "from"), "FROM and TO are the same folder"),
        (("from", "from/a.csv"), "TO=from/a.csv is a file"),
        (("empty", "to"), "holds no file to read"),
    ],
)
def test_faults_of_the_folders(command, arguments, message):
    Path("empty").mkdir()
    status, _, error = command("--from", arguments[0], "--to", arguments[1])
    assert status == 1
    assert message in error


def test_unreadable_files_are_listed_and_nothing_is_written(command):
    Path("from/b.csv").write_bytes(b"")
    Path("from/c.xlsx").write_bytes(b"no")
    status, _, error = command("--from", "from", "--to", "to")
    assert status == 1
    assert "2 file(s) cannot be read; nothing was written." in error
    assert "- b.csv is empty (0 bytes)." in error
    assert "- c.xlsx is named .xlsx but is not such a file" in error
    assert not Path("to").exists()


def test_observations_of_other_origin_are_not_overwritten(command):
    Path("to").mkdir()
    Path("to/observations.csv").write_text("unit_id,period,indicator_code,value\n")
    status, _, error = command("--from", "from", "--to", "to")
    assert (status, "was not written by ingest" in error) == (1, True)
    Path("to/observations.csv").unlink()
    assert command("--from", "from", "--to", "to")[0] == 0
    with open("to/observations.csv", "a", encoding="utf-8") as stream:
        stream.write("11,2011,gdp,1,me\n")
    assert command("--from", "from", "--to", "to")[0] == 1
    assert Path("to/observations.csv").read_text(encoding="utf-8").endswith("me\n")


def test_a_folder_that_cannot_be_written_to(command):
    if os.geteuid() == 0:
        Path("to").symlink_to("/proc/no")  # root may write anywhere else
    else:
        Path("to").mkdir(mode=0o500)
    status, _, error = command("--from", "from", "--to", "to")
    assert status == 1
    assert "to/ingest cannot be made" in error


def test_the_help_names_files_and_examples():
    done = subprocess.run(
        [sys.executable, "-m", "credit_indices", "ingest", "--help"],
        capture_output=True,
        text=True,
        check=True,
    )
    for word in ("GB18030", "mapping.yml", "corrected_value", "examples", "make build DATA_DIR="):
        assert word in done.stdout


def test_a_terminal_without_chinese_and_a_folder_in_the_way(tmp_path):
    (tmp_path / "a.csv").write_text(TABLE + "火星,2011,5\n", encoding="utf-8")
    command = [sys.executable, "-m", "credit_indices", "ingest", "--from", "a.csv", "--to", "to"]
    environment = os.environ | {"PYTHONIOENCODING": "latin-1"}
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, check=True)
    assert b"\\u706b\\u661f" in done.stdout
    (tmp_path / "to" / "observations.csv").unlink()
    (tmp_path / "to" / "observations.csv").mkdir()
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, check=False)
    assert done.returncode == 1
    assert b"observations.csv cannot be read: Is a directory." in done.stderr


PLAN = """\
sheets:
  - file: a.csv
    layout: wide
    header_row: 1
    unit_column: A
    year_column: B
    indicators:
      - {column: C, name: 专利授权数, indicator: patents_granted, factor: 1}
"""


def test_a_handwritten_mapping_is_kept(command):
    Path("to/ingest").mkdir(parents=True)
    Path("to/ingest/mapping.yml").write_text(PLAN, encoding="utf-8")
    assert command("--from", "from", "--to", "to")[0] == 0
    assert Path("to/ingest/mapping.yml").read_text(encoding="utf-8") == PLAN


@pytest.mark.parametrize("margin", ["  ", "", "    "])
def test_new_files_are_appended_to_an_edited_mapping(command, margin):
    command("--from", "from", "--to", "to")
    path = Path("to/ingest/mapping.yml")
    text = "# mine\n" + path.read_text(encoding="utf-8")
    head, _, sheets = text.partition("sheets:\n")
    sheets = "".join(f"{margin}{line[2:]}\n" for line in sheets.splitlines())
    before = (head + "sheets:\n" + sheets).replace("\n", "\r\n").encode()
    path.write_bytes(before)
    assert "Nothing has changed." in command("--from", "from", "--to", "to")[1]
    assert path.read_bytes() == before
    Path("from/b.csv").write_text(TABLE.replace("河北,2011", "河北,2012"), encoding="utf-8")
    _, out, _ = command("--from", "from", "--to", "to")
    assert "4 accepted, 0 missing, 0 rejected" in out  # one value is in both
    assert "counting equal values of several files once: 3." in out
    assert path.read_bytes().startswith(before.rstrip())
    assert "file: b.csv" in path.read_text(encoding="utf-8")


def test_new_files_cannot_be_added_if_sheets_is_not_the_last_key(command):
    command("--from", "from", "--to", "to")
    path = Path("to/ingest/mapping.yml")
    path.write_text(PLAN + "units: {}\n", encoding="utf-8")
    Path("from/b.csv").write_text(TABLE, encoding="utf-8")
    status, _, error = command("--from", "from", "--to", "to")
    assert status == 1
    assert "mapping.yml" in error


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("file: a.csv", "file: ../secret.csv", "is not a file in FROM"),
        ("file: a.csv", "file: /etc/passwd", "is not a file in FROM"),
        ("file: a.csv", "file: gone.csv", "is not a file in FROM"),
        ("layout: wide", "layout: tall", "layout 'tall' is not one of wide, long"),
        ("layout: wide", "layout: long", "layout long needs indicator_column."),
        ("header_row: 1", "header_row: -1", "header_row '-1' is not a row number"),
        ("header_row: 1", "header_row: 9", "row 9, the header, is empty or absent"),
        ("unit_column: A", "unit_column: '1'", "unit_column '1' is not a column such as A."),
        ("unit_column: A", "unit_id: '99'", "unit_id '99' is unknown"),
        ("    year_column: B\n", "", "layout wide needs year_column (or year)."),
        ("year_column: B", "year: '11'", "is not a year"),
        ("column: C", "column: ZZZZ", "column 'ZZZZ' is not a column"),
        ("column: C", "column: B", "column B was '专利授权数' and is '年份' now"),
        ("patents_granted", "patent_granted", "Is it patents_granted (专利授权数 / Patents"),
        ("factor: 1", "factor: one", "factor 'one' is not a number."),
        ("factor: 1", "factor: -1", "must be above 0"),
        ("factor: 1", "factor: 10%", "'10%' has a comma or a percent sign"),
        ("factor: 1", "factor: '0,001'", "'0,001' has a comma or a percent sign"),
        ("factor: 1", "factors: 1", "'factors' is not a known key. The keys are column, factor"),
        ("sheets:", "sheet:", "'sheet' is not a known key"),
        ("sheets:", "units: {火星: '999'}\nsheets:", "which is not a unit_id of the project's"),
        ("sheets:", "years: soon\nsheets:", "expected a range such as 2011-2020"),
        ("- {", "- !!python/object/apply:os.system {", "no YAML"),
        ("- {column", "- &a {column", "anchor or alias"),
        ("sheets:", "sheets: [", "is not valid YAML"),
        ("sheets:", "x: [[[[[[[[[[[[]]]]]]]]]]]]\nsheets:", "nested more than 8 levels"),
        ("1}", "1}\n" + PLAN.partition("\n")[2].rstrip(), "is listed twice"),
    ],
)
def test_faulty_mappings_are_explained_and_nothing_is_written(command, old, new, message):
    Path("to/ingest").mkdir(parents=True)
    assert PLAN.count(old) == 1
    Path("to/ingest/mapping.yml").write_text(PLAN.replace(old, new), encoding="utf-8")
    if message == "no YAML":  # a tag on a mapping is not even looked at
        assert command("--from", "from", "--to", "to")[0] == 0
        return
    status, _, error = command("--from", "from", "--to", "to")
    assert status == 1
    assert message in error
    assert not Path("to/observations.csv").exists()


def test_yaml_with_anchors_or_too_large_is_refused(command):
    lines = ["a: &a [x, x, x, x, x, x, x, x, x]"]
    lines += [
        f"{b}: &{b} [{', '.join([f'*{a}'] * 9)}]"
        for a, b in zip("abcdefgh", "bcdefghi", strict=True)
    ]
    Path("to/ingest").mkdir(parents=True)
    Path("to/ingest/mapping.yml").write_text("\n".join(lines), encoding="utf-8")
    assert "anchor or alias" in command("--from", "from", "--to", "to")[2]
    Path("to/ingest/mapping.yml").write_bytes(b"#" * (4 * 1024**2 + 1))
    assert "has more than 4 MB" in command("--from", "from", "--to", "to")[2]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"file,sheet\n", "has no column row"),
        (b"\x00\x00\x00", "not text"),
        (
            b"file,sheet,row,column,unit,period,indicator,value,reason,corrected_value,figure_of\na.csv,,x,C,,,,5,,6,\n",
            "are not a cell",
        ),
    ],
)
def test_a_damaged_list_of_rejections_is_refused(tmp_path, content, message):
    (tmp_path / "from").mkdir()
    (tmp_path / "from" / "a.csv").write_text(TABLE, encoding="utf-8")
    (tmp_path / "to" / "ingest").mkdir(parents=True)
    (tmp_path / "to" / "ingest" / "rejected.csv").write_bytes(content)
    with pytest.raises(IngestError, match=message):
        ingest(tmp_path / "from", tmp_path / "to")
