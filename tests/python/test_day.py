"""`make day`: the load of a folder into the state, without a build."""

import csv
import os
import random
import subprocess
import sys

import duckdb
import pyarrow.parquet as pq
import pytest
from conftest import PROJECT, DataDir
from test_early_warning import KEY, consent_rows, enterprise_rows, random_loads, rule_rows

from credit_indices.pipeline import day, enterprise_codes
from credit_indices.pipeline.lock import hold
from credit_indices.pipeline.runner.run import Run

RESULTS = ("signals", "periods", "warnings", "level_history", "alert_log", "consents")
SETTINGS = {"threads": "1"}


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "data"


@pytest.fixture(scope="module")
def loads():
    enterprises = enterprise_rows(60)
    return enterprises, random_loads(random.Random(4), enterprises, 3)


@pytest.fixture
def tables(loads, monkeypatch):
    monkeypatch.chdir(PROJECT)
    monkeypatch.setenv("CREDIT_INDICES_PSEUDONYM_KEY", KEY)
    monkeypatch.delenv("CREDIT_INDICES_WARNING_STATE", raising=False)
    enterprises, _ = loads
    return {
        "enterprises": enterprises,
        "enterprise_consents": consent_rows(enterprises),
        "warning_rules": rule_rows(),
    }


@pytest.fixture
def load(tmp_path, folder, runner):
    def run(events=None, name="one", as_of="", **tables):
        if events:
            tables["enterprise_events"] = events
        DataDir(tables).write(folder)
        warehouse = tmp_path / name / "credit_indices.duckdb"
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv(day.AS_OF, as_of)
            return day.load_day(str(folder), warehouse, settings=SETTINGS)

    return run


def state(tmp_path, name="one"):
    return tmp_path / name / "credit_indices.warnings.duckdb"


def results(file):
    with duckdb.connect(str(file), read_only=True) as connection:
        return {
            name: connection.execute(f"select * from {name} order by all").fetchall()
            for name in RESULTS
        }


def test_new_alerts_are_written_for_other_systems(load, loads, tables, tmp_path):
    written = load(loads[1][0], **tables)
    assert written == tmp_path / "one" / "credit_indices.alerts"
    every = sorted(written.iterdir())
    assert {file.stat().st_mode & 0o777 for file in every} == {0o600}
    files = [file for file in every if not file.name.endswith(".not-used.csv")]
    assert [file.suffix for file in files] == [".csv", ".parquet"]
    with open(files[0], encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    table = pq.read_table(files[1])
    assert len(rows) == table.num_rows > 5
    assert table.column_names == list(rows[0])
    with duckdb.connect(str(state(tmp_path)), read_only=True) as connection:
        alerts = connection.execute("select count(*) from alerts_today").fetchone()[0]
    assert alerts == len(rows)
    assert not (tmp_path / "one" / "credit_indices.duckdb").exists()
    assert not (tmp_path / "one" / "credit_indices.warnings.day").exists()


def test_days_without_files_are_written_later(load, loads, tables, tmp_path):
    written = load(loads[1][0], **tables)
    files = {
        file: file.read_bytes()
        for file in written.glob("*.csv")
        if not file.name.endswith(".not-used.csv")
    }
    assert len(files) == 1
    for file in written.iterdir():
        file.unlink()
    load(loads[1][1])
    for file, content in files.items():
        assert file.read_bytes() == content


def test_unused_records_are_counted_and_listed(load, loads, tables, capsys):
    first = next(row for row in loads[1][0] if row["event_type"] == "capital_flow")
    consents = [row for row in tables["enterprise_consents"] if row["data_class"] != "tax"]
    tables = tables | {"enterprise_consents": consents}
    wrong = first | {"event_id": "wrong", "occurred_at": "yesterday"}
    unconsented = first | {"event_id": "tax", "event_type": "tax_overdue"}
    written = load([wrong, unconsented, first], **tables)
    said = capsys.readouterr().out
    assert " of 3 record(s), " in said
    assert "  1 event(s) not used for lack of consent." in said
    assert "  1 record(s) not used: occurred_at is not a time such as" in said
    (file,) = written.glob("*.not-used.csv")
    assert f"listed in {file}" in said
    with open(file, encoding="utf-8") as stream:
        (row,) = csv.DictReader(stream)
    assert (row["source_row"], row["column_name"], row["value"]) == (
        "2",
        "occurred_at",
        "yesterday",
    )


def test_an_unknown_full_refresh_is_refused(load, loads, tables, tmp_path, monkeypatch):
    load(loads[1][0], **tables)
    before = results(state(tmp_path))
    monkeypatch.setenv("FULL_REFRESH", "0")
    with pytest.raises(day.DayError, match="FULL_REFRESH=0 is unknown"):
        load(loads[1][1])
    monkeypatch.setenv("FULL_REFRESH", "1")
    assert results(state(tmp_path)) == before


def test_a_folder_without_consents_loads_twice(load, loads, tables, tmp_path):
    del tables["enterprise_consents"]
    for _ in range(2):
        load(loads[1][0], **tables)
    assert results(state(tmp_path))["signals"] == []


def test_what_a_killed_day_left_is_deleted(load, loads, tables, tmp_path):
    spill = tmp_path / "one" / "credit_indices.warnings.day"
    spill.mkdir(parents=True)
    (spill / "duckdb_temp_storage-0.tmp").write_text("records")
    load(loads[1][0], **tables)
    assert not spill.exists()


def test_two_days_at_a_time_are_refused(load, loads, tables, tmp_path):
    with (
        hold(tmp_path / "one" / "credit_indices.warnings.day.lock"),
        pytest.raises(day.DayError, match=rf"Another make day loads into .*process {os.getpid()}"),
    ):
        load(loads[1][0], **tables)
    assert not state(tmp_path).exists()


def test_unchanged_register_is_not_read_whole_again(load, loads, tables, tmp_path, monkeypatch):
    restricted = []
    restrict = Run.restrict
    monkeypatch.setattr(
        Run, "restrict", lambda *given: (restricted.append(given[1]), restrict(*given))[1]
    )
    for events in loads[1]:
        load(events, **({} if restricted or events is not loads[1][0] else tables))
    assert len(restricted) == 4
    every = [event for events in loads[1] for event in events]
    load(every, "whole", **tables)
    assert len(restricted) == 4
    daily, whole = results(state(tmp_path)), results(state(tmp_path, "whole"))
    for name in ("signals", "periods", "warnings", "consents"):
        assert daily[name] == whole[name], name
    assert daily["signals"]


def test_changed_register_is_read_whole(load, loads, tables, tmp_path):
    load(loads[1][0], **tables)
    before = results(state(tmp_path))
    richer = [row | {"registered_capital": 100_000} for row in tables["enterprises"]]
    load(loads[1][0][:1], **(tables | {"enterprises": richer}))
    after = results(state(tmp_path))
    assert len(after["signals"]) < len(before["signals"])
    load(loads[1][0], "anew", **(tables | {"enterprises": richer}))
    anew = results(state(tmp_path, "anew"))
    assert after["signals"] == anew["signals"]


def test_days_without_records_expire_warnings(load, loads, tables, tmp_path):
    load(loads[1][0], **tables)
    load(as_of="2022-06-30")
    with duckdb.connect(str(state(tmp_path)), read_only=True) as connection:
        assert connection.execute(
            "select count(*) from level_history where valid_to is null"
        ).fetchone() == (0,)
        assert connection.execute(
            "select count(*) from alert_log where entry = 'closed' and as_of = date '2022-06-30'"
        ).fetchone() > (5,)
        assert connection.execute("select count(*) from alert_queue").fetchone() == (0,)


def test_responses_to_unknown_alerts_are_reported(load, loads, tables, tmp_path, capsys):
    load(loads[1][0], **tables)
    with duckdb.connect(str(state(tmp_path)), read_only=True) as connection:
        alert, key, opened = connection.execute(
            "select alert, enterprise_key, opened_at from alert_queue order by alert limit 1"
        ).fetchone()
    keys = {
        enterprise_codes.pseudonym(row["enterprise_id"], "file"): row["enterprise_id"]
        for row in tables["enterprises"]
    }
    answer = {
        "occurred_at": opened,
        "recorded_at": opened,
        "event_type": "response_taken",
        "enterprise_id": keys[key],
    }
    other = next(enterprise for enterprise in keys.values() if enterprise != keys[key])
    capsys.readouterr()
    load(
        [
            answer | {"event_id": "r1", "warning": alert},
            answer | {"event_id": "r2", "warning": 10**6},
            answer | {"event_id": "r3", "warning": alert, "enterprise_id": other},
            answer | {"event_id": "r4", "warning": "red"},
        ]
    )
    assert (
        "2 record(s) not used: warning is not the number of an alert of the enterprise "
        "(alert_log), so no alert is answered (first: enterprise_events.csv row 3)"
    ) in " ".join(capsys.readouterr().out.split())


def test_past_days_are_refused(load, loads, tables, tmp_path):
    load(loads[1][0], **tables)
    before = results(state(tmp_path))
    with pytest.raises(day.DayError, match=r"AS_OF=2021-01-02 is before 2021-01-0\d, the last day"):
        load(as_of="2021-01-02")
    assert results(state(tmp_path)) == before


def test_faults_of_other_tables_do_not_stop_the_day(load, loads, tables, folder, tmp_path):
    folder.mkdir()
    (folder / "observations.csv").write_text("unit_id,period\nx,2020\n")
    load(loads[1][0], **tables)
    before = results(state(tmp_path))
    wrong = [row | {"threshold": "many"} for row in tables["warning_rules"][:1]]
    with pytest.raises(day.DayError) as error:
        load(loads[1][1], warning_rules=wrong)
    assert str(error.value) == (
        "The input of the early warning is not valid: 1 fault(s).\n"
        "  - warning_rules.csv row 2: threshold many is not a number above 0"
    )
    assert results(state(tmp_path)) == before


def test_state_in_use_is_refused_with_the_process(load, loads, tables, tmp_path):
    load(loads[1][0], **tables)
    script = (
        "import duckdb, sys; c = duckdb.connect(sys.argv[1]); print('open', flush=True); "
        "sys.stdin.read()"
    )
    holder = subprocess.Popen(
        [sys.executable, "-c", script, str(state(tmp_path))],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert holder.stdout.readline() == "open\n"
    with pytest.raises(day.DayError, match=rf"is open in another process \(.*PID {holder.pid}"):
        load(loads[1][1])
    holder.communicate("")
