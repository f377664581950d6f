"""The engine of the early warning, day by day, against the oracle (early_warning_oracle)."""

import csv
import pickle
import subprocess
import sys
import time
from dataclasses import replace
from datetime import date, datetime, timedelta

import numpy as np
import pytest
from conftest import PROJECT
from early_warning_oracle import (
    LEVELS,
    RULES,
    AlertLog,
    Event,
    end_of,
    known_signals,
    periods,
    random_stream,
    status,
    warnings,
)
from early_warning_system import AS_OF, CAPITAL, FIRST, System, results

from credit_indices.early_warning import engine, state_file
from credit_indices.early_warning.state_file import StateError

N_STREAMS = 60


@pytest.fixture(scope="module")
def calendar():
    with open(PROJECT / "seeds" / "catalog" / "public_holidays.csv", encoding="utf-8") as stream:
        return {
            date.fromisoformat(row["calendar_date"]): row["kind"] for row in csv.DictReader(stream)
        }


@pytest.fixture(scope="module")
def streams():
    rng = np.random.default_rng(21)
    names = [f"e{number:03d}" for number in range(N_STREAMS)]
    return {name: random_stream(rng, FIRST, enterprise=name) for name in names}


def signals_of(system):
    return system.by_enterprise(
        "select en, rule_code, triggered_at, expires_at, fired_day, value_when_triggered, "
        "largest_value, list_sort(list_transform(evidence, lambda h : h)) "
        "from early_warning.signals join early_warning.rules using (rule)"
    )


def expected_signals(found, hashes):
    return sorted(
        (
            signal.rule.code,
            signal.triggered,
            signal.expires,
            (signal.fired_on - date(1970, 1, 1)).days,
            pytest.approx(signal.value_when_triggered),
            pytest.approx(signal.largest_value),
            sorted(hashes[event_id] for event_id in signal.evidence),
        )
        for signal in found
        if signal.was_active
    )


def test_every_day_agrees_with_the_oracle(tmp_path, streams, calendar):
    system = System(tmp_path, streams, calendar)
    logs = {}
    ids = {event.event_id for stream in streams.values() for event in stream}
    hashes = dict(
        system.query("select id, md5_number_lower(id) from unnest(?) as ids (id)", sorted(ids))
    )
    names = {level.rank: level.name for level in LEVELS}
    loaded = datetime.min
    known = {name: [] for name in streams}
    for as_of in AS_OF:
        end = end_of(as_of)
        arrived = []
        numbers = {
            (key, names[rank], opened): alert
            for alert, key, rank, opened in system.query(
                "select alert, enterprise_key, level_rank, opened_at from early_warning.alert_log "
                "join early_warning.enterprises using (en) where entry = 'opened'"
            )
        }
        for name, stream in streams.items():
            alerts = logs[name].alerts if name in logs else {}
            for event in (e for e in stream if loaded <= e.recorded < end):
                number = None
                if event.warning in alerts:
                    number = numbers[(name, *alerts[event.warning])]
                elif event.warning not in {None, *names.values()}:
                    event = replace(event, warning=None)  # names an alert that does not exist yet
                known[name].append(event)
                arrived.append(replace(event, warning=str(number)) if number else event)
        system.load(arrived, as_of)
        loaded = end
        signals = signals_of(system)
        of_periods = system.by_enterprise(
            "select en, level_rank, opened_at, expires_at from early_warning.periods"
        )
        of_warnings = system.by_enterprise(
            "select en, episode, warnings.level_rank, opened_at, escalated_at, expires_at, due_at, "
            "responded_at, (select string_agg(rule_code, ', ' order by rule_code) "
            "from early_warning.rules where list_contains(warnings.rules, rule)), rule_code "
            "from early_warning.warnings "
            "join early_warning.rules on rules.rule = warnings.first_rule"
        )
        levels = system.by_enterprise(
            "select en, level, signals, score, rule_codes from early_warning.level_history "
            "join early_warning.levels using (level_rank) where valid_to is null"
        )
        log = system.by_enterprise(
            "select en, as_of, entry, level_rank, opened_at, due_at, happened_at, rule_codes "
            "from early_warning.alert_log"
        )
        for name, stream in known.items():
            found = known_signals(RULES, stream, CAPITAL, end)
            assert sorted(s for s in signals[name] if s[1] < s[2]) == expected_signals(
                found, hashes
            ), (name, as_of)
            joined = periods(found, LEVELS)
            assert sorted(of_periods[name]) == sorted(
                (rank, *span) for rank, spans in joined.items() for span in spans
            )
            oracle = logs.setdefault(name, AlertLog(RULES, LEVELS, CAPITAL, calendar))
            oracle.day(as_of, stream)
            assert sorted(log[name]) == sorted(
                (
                    entry.as_of,
                    entry.kind,
                    {level: rank for rank, level in names.items()}[entry.level],
                    entry.opened,
                    entry.due,
                    entry.at,
                    ", ".join(entry.rule_codes) or None,
                )
                for entry in oracle.entries
            ), (name, as_of)
            expected = warnings(found, LEVELS, stream, end, calendar, oracle.alerts)
            assert sorted(of_warnings[name], key=str) == sorted(
                (
                    (
                        warning.episode,
                        {level: rank for rank, level in names.items()}[warning.level],
                        warning.opened,
                        warning.escalated,
                        warning.expires,
                        warning.due,
                        warning.responded,
                        ", ".join(warning.rule_codes),
                        warning.first_rule,
                    )
                    for warning in expected
                ),
                key=str,
            ), (name, as_of)
            now = status(found, LEVELS, end)
            assert levels[name] == (
                [(now.level, now.signals, now.score, ", ".join(now.rule_codes))]
                if now.level
                else []
            )
    entries = {
        kind: n
        for kind, n in system.query(
            "select entry, count(*) from early_warning.alert_log group by entry"
        )
    }
    assert min(entries[kind] for kind in ("opened", "answered", "overdue", "closed")) > 15


def test_alerts_of_vanished_warnings_are_withdrawn(tmp_path):
    """A record that was recorded earlier counts instead; a later event gives an alert anew."""
    suit = Event(
        "x", "e", datetime(2021, 1, 5, 9), datetime(2021, 1, 5, 10), "lawsuit", "defendant"
    )
    other = replace(
        suit, recorded=datetime(2021, 1, 5, 9, 30), event_type="negative_opinion", role=None
    )
    again = replace(
        suit, event_id="y", occurred=datetime(2021, 1, 8, 9), recorded=datetime(2021, 1, 8, 10)
    )
    system = System(tmp_path, ["e"])
    log, known = AlertLog(RULES, LEVELS, CAPITAL, {}), []
    for day, arrived in ((5, [suit]), (6, [other]), (7, []), (8, [again])):
        known += arrived
        system.load(arrived, date(2021, 1, day))
        log.day(date(2021, 1, day), known)
    entries = system.query(
        "select as_of, entry, opened_at from early_warning.alert_log order by as_of, alert"
    )
    assert entries == [(entry.as_of, entry.kind, entry.opened) for entry in log.entries]
    assert [kind for _, kind, _ in entries] == ["opened", "withdrawn", "opened"]
    assert system.query("select alert from early_warning.alert_queue") == [(2,)]


def test_a_full_refresh_withdraws_alerts_and_ends_levels(tmp_path, streams):
    system = System(tmp_path, streams)
    system.load(arrivals(streams, end=end_of(AS_OF[3])), AS_OF[3])
    opened = system.query("select count(*) from early_warning.alert_queue")[0][0]
    assert opened > 5
    system.load([], AS_OF[3], is_full_refresh=True)
    assert system.query("select count(*) from early_warning.alert_queue") == [(0,)]
    assert system.query(
        "select count(*) from early_warning.alert_log where entry = 'withdrawn'"
    ) == [(opened,)]
    assert system.query(
        "select count(*) from early_warning.level_history where valid_to is null"
    ) == [(0,)]


def test_days_to_come_are_refused(tmp_path, streams):
    system = System(tmp_path, streams)
    day = date.today() + timedelta(days=2)
    with pytest.raises(StateError, match=rf"The as-of date {day} is after today, "):
        system.load(arrivals(streams), day)
    assert system.table("events") == system.table("loads") == []


def arrivals(streams, first=datetime.min, end=datetime.max):
    return [e for stream in streams.values() for e in stream if first <= e.recorded < end]


def test_loading_a_day_twice_changes_nothing(tmp_path, streams):
    system = System(tmp_path, streams)
    half = end_of(AS_OF[4])
    system.load(arrivals(streams, end=half))
    system.load(arrivals(streams, half))
    tables = {name: system.table(name) for name in state_file.tables(system.connection)}
    day = system.load(arrivals(streams))
    assert (day.added, day.touched, day.alerts) == (0, 0, 0)
    assert {name: system.table(name) for name in tables} == tables


def test_chunks_give_the_same_results(tmp_path, streams, monkeypatch):
    for folder in ("one", "many"):
        (tmp_path / folder).mkdir()
    one = System(tmp_path / "one", streams)
    one.load(arrivals(streams))
    chunks = []
    compute = engine.compute_signals
    monkeypatch.setattr(engine, "EVENTS_PER_CHUNK", 40)
    monkeypatch.setattr(
        engine, "compute_signals", lambda run: (chunks.append(run), compute(run))[1]
    )
    many = System(tmp_path / "many", streams)
    many.load(arrivals(streams))
    assert len(chunks) > 10
    assert results(one) == results(many)


def changed_rules():
    fewer = [rule for rule in RULES if rule.code != "suits"]
    return [replace(rule, threshold=2) if rule.code == "suit" else rule for rule in fewer] + [
        replace(RULES[0], code="new", window_days=7, level="red")
    ]


def test_changed_rules_equal_a_load_from_the_start(tmp_path, streams):
    for folder in ("changed", "anew"):
        (tmp_path / folder).mkdir()
    as_of = AS_OF[3]
    known = arrivals(streams, end=end_of(as_of))
    system = System(tmp_path / "changed", streams)
    system.load(known, as_of)
    before = results(system)
    system.rules = changed_rules()
    assert system.load([], as_of).touched > 0
    anew = System(tmp_path / "anew", streams, rules=changed_rules())
    anew.load(known, as_of)
    for name in ("signals", "periods", "warnings", "level_history"):
        assert results(system)[name] == results(anew)[name], name
        assert results(system)[name] != before[name], name
    assert set(before["alert_log"]) <= set(results(system)["alert_log"])


def test_changed_deadlines_move_due_dates(tmp_path, streams):
    system = System(tmp_path, streams)
    system.load(arrivals(streams))
    before = dict(
        system.query("select (en, level_rank, opened_at), due_at from early_warning.warnings")
    )
    system.calendar = {FIRST + timedelta(days=14): "holiday"}
    system.load([])
    after = dict(
        system.query("select (en, level_rank, opened_at), due_at from early_warning.warnings")
    )
    moved = {key for key in before if before[key] != after[key]}
    assert moved
    assert before.keys() == after.keys()
    assert {after[key] - before[key] for key in moved} <= {timedelta(days=1), timedelta(days=3)}


KILLED = """
import pickle, sys
sys.path[:0] = [{tests!r}]
from pathlib import Path
from early_warning_system import AS_OF, System
with open({events!r}, "rb") as stream:
    names, events = pickle.load(stream)
system = System(Path({folder!r}), names)
print("ready", flush=True)
system.load(events, AS_OF[-1])
print("done", flush=True)
"""


def test_killed_loads_repeat_or_complete(tmp_path, streams):
    """A load that is killed leaves the state before or after it; the next one completes."""
    few = {name: streams[name] for name in list(streams)[:30]}
    half = end_of(AS_OF[3])
    (tmp_path / "whole").mkdir()
    whole = System(tmp_path / "whole", few)
    whole.load(arrivals(few, end=half), AS_OF[3])
    start = time.monotonic()
    whole.load(arrivals(few, half), AS_OF[-1])
    seconds = time.monotonic() - start
    events = tmp_path / "events.pickle"
    events.write_bytes(pickle.dumps((list(few), arrivals(few, half))))
    first = System(tmp_path, few)
    first.load(arrivals(few, end=half), AS_OF[3])
    before = results(first)
    first.connection.close()
    code = KILLED.format(
        tests=str(PROJECT / "tests" / "python"), events=str(events), folder=str(tmp_path)
    )
    rng = np.random.default_rng(3)
    n_killed = 0
    for wait in rng.uniform(0, seconds * 1.2, 20):
        command = [sys.executable, "-c", code]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout.readline() == "ready\n"
            time.sleep(wait)
            process.kill()
            n_killed += "done" not in process.stdout.read()
        now = System(tmp_path, few)
        assert results(now) in (before, results(whole))
        now.connection.close()
    assert n_killed > 3
    last = System(tmp_path, few)
    last.load(arrivals(few, half), AS_OF[-1])
    assert results(last) == results(whole)
