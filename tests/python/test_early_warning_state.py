"""The file of the early warning's state: layout, folder, secret, and the older layout."""

import json
from dataclasses import replace
from datetime import date, datetime

import duckdb
import numpy as np
import pytest
from early_warning_oracle import Event, random_stream
from early_warning_system import FIRST, System

from credit_indices.early_warning import alerts, engine, older, state_file
from credit_indices.early_warning.state_file import StateError


@pytest.fixture
def streams():
    rng = np.random.default_rng(5)
    return {name: random_stream(rng, FIRST, enterprise=name) for name in ("e1", "e2", "e3")}


@pytest.fixture
def system(tmp_path, streams):
    return System(tmp_path, streams)


def events(streams):
    return [event for stream in streams.values() for event in stream]


def test_state_is_private_and_named_after_the_warehouse(system, tmp_path):
    assert state_file.path_beside(tmp_path / "credit_indices.duckdb") == system.file
    assert system.file.stat().st_mode & 0o777 == 0o600
    system.connection.close()
    system.file.chmod(0o644)
    with duckdb.connect() as connection:
        state_file.attach(connection, system.file)
    assert system.file.stat().st_mode & 0o777 == 0o600


def test_state_holds_no_id_of_an_enterprise(system, streams):
    system.load(events(streams))
    columns = system.query(
        "select table_name, column_name from duckdb_columns() where database_name = 'early_warning'"
    )
    assert ("enterprises", "enterprise_key") in columns
    assert not [column for _, column in columns if column in ("enterprise_id", "name")]


def test_unknown_layouts_are_named(tmp_path, system):
    system.query("update early_warning.layout set version = 99")
    system.connection.close()
    with duckdb.connect() as connection, pytest.raises(StateError, match="has layout 99; this"):
        state_file.attach(connection, system.file)
    assert list(state_file.MIGRATIONS) == list(range(1, state_file.VERSION))
    other = tmp_path / "other.duckdb"
    duckdb.connect(str(other)).execute("create table mine as select 1 as x").close()
    with duckdb.connect() as connection, pytest.raises(StateError, match="has no table layout"):
        state_file.attach(connection, other)
    text = tmp_path / "text.duckdb"
    text.write_text("no database, but a text that is long enough to be read as its header" * 99)
    with duckdb.connect() as connection, pytest.raises(StateError, match="cannot be opened"):
        state_file.attach(connection, text)


def test_other_folders_are_refused_and_change_nothing(system, streams):
    system.load(events(streams)[:10])
    before = system.table("events")
    with pytest.raises(
        StateError, match=r"keeps \d+ event\(s\) of the folder /folder, and this run"
    ):
        system.load(events(streams), folder="/other")
    assert system.table("events") == before
    system.load(events(streams), folder="/other", is_full_refresh=True)
    assert len(system.table("events")) > 10


def test_full_refresh_keeps_the_log(system, streams):
    system.load(events(streams))
    log = system.table("alert_log")
    assert log
    system.load(events(streams), is_full_refresh=True)
    assert system.table("alert_log") == log
    system.load(events(streams)[:1], is_full_refresh=True)
    assert set(map(str, log)) < set(map(str, system.table("alert_log")))
    assert len(system.table("events")) == 1


def test_older_layout_is_taken_over(tmp_path, streams):
    """The schema `state` of a warehouse, before the state had a file of its own."""
    warehouse = tmp_path / "credit_indices.duckdb"
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute(
            """
            create schema state;
            create table state.folder as select '/folder' as path, false as is_mixed;
            create table state.int_warnings__keys as select 'key' as key_check;
            create table state.int_warnings__events as
            select
                'e1' as enterprise_key, 'x' as event_id, 'lawsuit' as event_type,
                'defendant' as role, null::varchar as result,
                timestamp '2021-01-02 10:00:00' as occurred_at,
                timestamp '2021-01-02 11:00:00' as recorded_at,
                null::decimal(18, 2) as amount, null::double as ratio, 1::bigint as times,
                'c' as content;
            create table state.enterprise_status_history as
            select
                'e1' as enterprise_key, 'orange' as level, 'suit' as rule_codes, 1 as signals,
                2 as score, timestamp '2021-01-02' as dbt_valid_from,
                timestamp '2021-01-05' as dbt_valid_to;
            """
        )
    system = System(tmp_path, streams)
    run = system.connection
    with pytest.raises(StateError, match="stored under another CREDIT_INDICES_PSEUDONYM_KEY"):
        older.find(run, system.file, "/folder", "another")
    assert older.find(run, system.file, "/other", "key") is None
    catalog = older.find(run, system.file, "/folder", "key")
    system.load(events(streams), more_records=older.records(catalog))
    older.take_history(run, catalog)
    older.detach(run)
    assert ("x",) in system.query("select event_id from early_warning.event_texts")
    assert system.query(
        "select level, rule_codes, valid_from::varchar, valid_to::varchar "
        "from early_warning.levels_over_time where valid_to = date '2021-01-05' "
        "and enterprise_key = 'e1'"
    ) == [("orange", "suit", "2021-01-02", "2021-01-05")]


def test_alerts_are_erased_only_without_consent(system, streams):
    consent = ("e1", "tax", datetime(2020, 1, 1), None)
    system.load(events(streams), consents=[consent])
    before = system.query("select count(*) from early_warning.alert_log where en = 1")
    assert before > [(0,)]
    day = date(2021, 12, 1)
    with pytest.raises(StateError, match="No enterprise has the key 'e9'"):
        alerts.erase(system.connection, "e9", day)
    with pytest.raises(StateError, match=r"Consent of e1 is in force \(tax\)"):
        alerts.erase(system.connection, "e1", day)
    ended = (*consent[:3], datetime(2021, 11, 30))
    system.load([], consents=[ended])
    entries, days = alerts.erase(system.connection, "e1", day)
    assert entries == before[0][0]
    assert days
    for table in ("alert_log", "open_alerts", "level_history"):
        assert system.query(f"select count(*) from early_warning.{table} where en = 1") == [(0,)]
    ((last,),) = system.query("select last_alert from early_warning.erasures")
    assert system.table("erasures") == [(day, before[0][0], last)]
    late = replace(events({"e1": streams["e1"]})[0], event_id="late")
    assert system.load([late], consents=[ended]).alerts == 0
    assert system.query("select count(*) from early_warning.alert_log where en <> 1") > [(0,)]


def test_numbers_of_erased_alerts_are_not_given_again(tmp_path):
    stream = [
        Event(
            f"{name} is sued",
            name,
            datetime(2021, 1, day, 9),
            datetime(2021, 1, day, 10),
            "lawsuit",
            role="defendant",
        )
        for day, name in ((1, "a"), (2, "b"), (3, "c"))
    ]
    system = System(tmp_path, ["a", "b", "c"])
    system.load(stream[:2])
    given = system.query("select max(alert) from early_warning.alert_log")
    ((key,),) = system.query(
        "select enterprise_key from early_warning.alert_log "
        "join early_warning.enterprises using (en) order by alert desc limit 1"
    )
    assert key == "b"
    alerts.erase(system.connection, "b", date(2021, 1, 3))
    system.load(stream[2:])
    assert system.query(
        "select min(alert) > ? from early_warning.alert_log "
        "join early_warning.enterprises using (en) where enterprise_key = 'c'",
        given[0][0],
    ) == [(True,)]


def test_layouts_of_earlier_versions_are_migrated(system, streams):
    system.load(events(streams)[:10])
    before = system.table("alert_log")
    system.query("alter table early_warning.erasures drop column last_alert")
    system.query("update early_warning.layout set version = 1")
    system.connection.close()
    with duckdb.connect() as connection:
        state_file.attach(connection, system.file)
        assert connection.execute("select version from early_warning.layout").fetchone() == (
            state_file.VERSION,
        )
        assert sorted(connection.execute("from early_warning.alert_log").fetchall()) == sorted(
            before
        )
        connection.execute("insert into early_warning.erasures values (current_date, 1, 7)")


def test_metrics_of_the_engine_are_those_of_the_rules(runner, system, streams):
    metrics = json.loads(runner.rendered("{{ warning_metrics() | list | tojson }}"))
    assert sorted(metrics) == sorted(engine.METRICS)
    system.rules = [replace(system.rules[0], metric="median")]
    with pytest.raises(StateError, match="has the metric 'median', which the engine does not"):
        system.load(events(streams))


def test_older_layout_in_the_same_file_is_taken_over(tmp_path):
    """As with a bare dbt run, whose warehouse is the current database."""
    warehouse = tmp_path / "credit_indices.duckdb"
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute(
            """
            create schema state;
            create table state.folder as select '/folder' as path, false as is_mixed;
            create table state.int_warnings__keys as select 'key' as key_check;
            create table state.int_warnings__events (event_id varchar);
            """
        )
        state = state_file.path_beside(warehouse)
        assert older.find(connection, state, "/folder", "key") == "credit_indices"
        assert older.find(connection, state, "/other", "key") is None
        older.detach(connection)
