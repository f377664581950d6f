"""The oracle of the early warning on cases worked by hand, and what its random streams contain."""

from collections import Counter
from datetime import date, datetime, timedelta
from decimal import Decimal

import numpy as np
import pytest
from early_warning_oracle import (
    LEVELS,
    RULES,
    AlertLog,
    Event,
    Rule,
    active_day,
    counted,
    days_of,
    due_at,
    end_of,
    known_signals,
    metric,
    name_alert,
    periods,
    random_stream,
    repairs,
    signals,
    six_months_after,
    status,
    warnings,
)

SUIT = Rule("suit", "lawsuit", "defendant", "count", 184, ">=", 1, "orange")
BREACH = Rule("breach", "breach_execution", None, "count", 365, ">=", 1, "red")
SHORT = Rule("short", "lawsuit", None, "count", 10, ">=", 1, "orange")
EXECUTED = Rule("executed", "breach_execution", None, "count", 5, ">=", 1, "red")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def event(event_id: str, occurred: str, event_type: str, recorded: str | None = None, **values):
    return Event(event_id, "e", at(occurred), at(recorded or occurred), event_type, **values)


def lawsuit(event_id: str, occurred: str, recorded: str | None = None, **values) -> Event:
    return event(event_id, occurred, "lawsuit", recorded, role="defendant", **values)


def repair(rectified: str, applied: str, decided: str, result: str = "passed") -> list[Event]:
    return [
        event(f"r {rectified}", rectified, "rectification_completed"),
        event(f"a {applied}", applied, "repair_application"),
        event(f"d {decided}", decided, "repair_decision", result=result),
    ]


def span(rule: Rule, events: list[Event], capital=None) -> list[tuple[datetime, datetime]]:
    """Periods in which a rule is active."""
    events = counted(events)
    found = signals(rule, events, repairs(events), capital)
    return [(signal.triggered, signal.expires) for signal in found]


def warned(rules, events, as_of: str, calendar=None, alerts=None):
    end = end_of(date.fromisoformat(as_of))
    found = known_signals(rules, events, None, end)
    return warnings(found, LEVELS, events, end, calendar or {}, alerts or {})


def status_of(rules, events, as_of: str):
    end = end_of(date.fromisoformat(as_of))
    return status(known_signals(rules, events, None, end), LEVELS, end)


# The cases of the issue


@pytest.mark.parametrize("breach", ["2021-03-10 17:00", "2021-03-11 00:00"])
def test_repair_covers_moments_not_days(breach):
    events = [
        lawsuit("e1", "2021-03-01 09:00"),
        event("e3", breach, "breach_execution"),
        *repair("2021-03-10 09:00", "2021-03-12 09:00", "2021-03-20 09:00"),
    ]
    assert status_of([SUIT, BREACH], events, "2021-03-20").level == "red"
    assert span(SUIT, events) == [(at("2021-03-01 09:00"), at("2021-03-20 09:00"))]
    # 365 days from the day of the breach
    begun = at(breach).replace(hour=0)
    assert span(BREACH, events) == [(at(breach), begun + timedelta(days=365))]


def test_missed_alert_survives_a_late_record():
    events = [
        lawsuit("e1", "2021-01-04 09:00"),
        event("e2", "2021-01-05 09:00", "response_taken"),
        lawsuit("e3", "2021-08-02 09:00"),
        lawsuit("e4", "2021-06-21 09:00", "2021-09-01 09:00"),
    ]
    log = AlertLog([SUIT], LEVELS, None, {})
    for day in days_of(events[:3]):
        log.day(day, events)
    for day in range(3, 31):
        log.day(date(2021, 8, day), events)
    first, second = (
        name_alert("orange", at(day)) for day in ("2021-01-04 09:00", "2021-08-02 09:00")
    )
    told = [(str(entry.as_of), entry.kind, entry.alert, entry.at) for entry in log.entries]
    # 184 days from 4 January end on 6 July. The third working day after it is the 7th, that after
    # 2 August is the 5th.
    assert told == [
        ("2021-01-04", "opened", first, at("2021-01-04 09:00")),
        ("2021-01-05", "answered", first, at("2021-01-05 09:00")),
        ("2021-07-07", "closed", first, at("2021-07-07 00:00")),
        ("2021-08-02", "opened", second, at("2021-08-02 09:00")),
        ("2021-08-06", "overdue", second, at("2021-08-06 00:00")),
    ]
    assert log.opened()[0].due == at("2021-01-08 00:00")
    assert [entry.evidence for entry in log.opened()] == [{"e1"}, {"e3"}]
    august, september = (warned([SUIT], events, day) for day in ("2021-08-31", "2021-09-01"))
    assert [(w.opened, w.responded, w.overdue) for w in august] == [
        (at("2021-01-04 09:00"), at("2021-01-05 09:00"), False),
        (at("2021-08-02 09:00"), None, True),
    ]
    assert [(w.opened, w.expires, w.overdue) for w in september] == [
        (at("2021-01-04 09:00"), at("2022-02-02 00:00"), False)
    ]
    before = list(log.entries)
    log.day(date(2021, 9, 1), events)
    assert log.entries[: len(before)] == before
    assert not [entry for entry in log.entries[len(before) :] if entry.kind == "opened"]


def test_one_more_unpaid_month_does_not_shorten_a_warning():
    rule = Rule("two", "tax_overdue", None, "consecutive_periods", 120, ">=", 2, "yellow")
    events = [event(day, f"2021-{day} 09:00", "tax_overdue") for day in ("01-15", "02-15", "04-15")]
    # January leaves the window of 120 days on 15 May; April is a run of its own.
    until = [(at("2021-02-15 09:00"), at("2021-05-15 00:00"))]
    assert span(rule, events[:2]) == span(rule, events) == until


def test_thousand_lawsuits_are_one_signal():
    begin = at("2021-07-01 09:00")
    events = [
        lawsuit(f"case {k}", str(moment), str(moment + timedelta(hours=10)))
        for k in range(1000)
        for moment in [begin + timedelta(minutes=k * 184 * 1440 // 1000)]
    ]
    end = end_of(date(2021, 12, 31))
    (signal,) = known_signals([SUIT], events, None, end)
    # The last lawsuit occurs on 1 January 2022, and is recorded after the end of the year.
    assert events[-1].occurred == at("2022-01-01 04:35")
    last = max(one.day for one in events if one.recorded < end)
    assert signal.expires == datetime(last.year, last.month, last.day) + timedelta(days=184)
    assert signal.triggered == at("2021-07-01 19:00")
    assert signal.evidence == {"case 0"} and signal.value_when_triggered == 1


# Metrics


def test_record_recorded_first_counts():
    late = lawsuit("a", "2021-01-01 08:00", "2021-01-03 08:00")
    early = lawsuit("a", "2021-01-02 08:00", "2021-01-02 09:00")
    assert counted([late, early]) == counted([early, late]) == [early]


def test_window_includes_its_first_day():
    events = [lawsuit("a", "2021-01-01 23:59")]
    rule = Rule("r", "lawsuit", None, "count", 3, ">=", 1, "yellow")
    values = [metric(rule, events, None, date(2021, 1, day))[0] for day in (1, 2, 3, 4)]
    assert values == [1, 1, 1, 0]
    assert metric(rule, events, None, date(2020, 12, 31))[0] == 0


def test_count_is_the_sum_of_times_in_a_role():
    events = [lawsuit("a", "2021-01-01", times=2), event("b", "2021-01-01", "lawsuit", times=4)]
    assert metric(SUIT, events, None, date(2021, 1, 2)) == (2, {"a"})
    assert metric(SHORT, events, None, date(2021, 1, 2)) == (6, {"a", "b"})


def test_evidence_of_a_sum_has_an_amount():
    rule = Rule("r", "lawsuit", None, "sum", 5, ">", 60, "orange")
    amounts = {"a": Decimal("0.1"), "b": Decimal("59.9"), "c": Decimal(0), "d": None}
    events = [lawsuit(name, "2021-01-01", amount=amount) for name, amount in amounts.items()]
    assert metric(rule, events, None, date(2021, 1, 1)) == (60, {"a", "b"})
    assert span(rule, events) == []
    assert span(rule, [*events, lawsuit("e", "2021-01-02", amount=Decimal("0.01"))]) == [
        (at("2021-01-02"), at("2021-01-06"))
    ]


def test_ratios_below_the_threshold_do_not_block_a_repair():
    rule = Rule("r", "tax_underpayment", None, "max_ratio", 92, ">", 0.1, "yellow")
    events = [
        event("high", "2021-01-01 09:00", "tax_underpayment", ratio=0.3),
        *repair("2021-01-10 09:00", "2021-01-11 09:00", "2021-01-12 09:00"),
        event("low", "2021-01-11 09:00", "tax_underpayment", ratio=0.1),
    ]
    assert metric(rule, events, None, date(2021, 1, 11)) == (0.3, {"high"})
    assert span(rule, events) == [(at("2021-01-01 09:00"), at("2021-01-12 09:00"))]


def test_share_of_capital_is_that_of_one_day():
    rule = Rule("r", "capital_flow", None, "max_share_of_capital", 3, ">", 0.5, "red")
    flows = [("a", "01", 30), ("b", "01", 25), ("c", "01", 0), ("d", "02", 50)]
    events = [
        event(name, f"2021-01-{day}", "capital_flow", amount=Decimal(amount))
        for name, day, amount in flows
    ]
    assert metric(rule, events, Decimal(100), date(2021, 1, 2)) == (0.55, {"a", "b"})
    assert span(rule, events, Decimal(100)) == [(at("2021-01-01"), at("2021-01-04"))]
    assert span(rule, events, None) == []


def test_longest_run_of_months_counts():
    rule = Rule("r", "tax_overdue", None, "consecutive_periods", 400, ">=", 2, "yellow")
    days = ["2020-11-30", "2020-12-01", "2021-01-31", "2021-03-01", "2021-05-01", "2021-06-01"]
    events = [event(day[2:7], day, "tax_overdue") for day in days]
    # November to January, March, May and June
    value, evidence = metric(rule, events, None, date(2021, 6, 1))
    assert value == 3
    assert evidence == {"20-11", "20-12", "21-01", "21-05", "21-06"}


def test_unknown_words_are_named():
    events = [lawsuit("a", "2021-01-01")]
    with pytest.raises(ValueError, match="metric 'mean'"):
        span(Rule("r", "lawsuit", None, "mean", 5, ">=", 1, "red"), events)
    with pytest.raises(ValueError, match="operator '='"):
        span(Rule("r", "lawsuit", None, "count", 5, "=", 1, "red"), events)


# Repairs


def test_six_months_end_on_the_last_day_of_a_short_month():
    assert six_months_after(at("2020-08-31 09:00")) == at("2021-02-28 09:00")
    assert six_months_after(at("2021-06-30 09:00")) == at("2021-12-30 09:00")
    assert six_months_after(at("2021-12-01")) == at("2022-06-01")


@pytest.mark.parametrize(("applied", "is_in_time"), [("09:00", True), ("09:01", False)])
def test_application_is_in_time_for_six_months(applied, is_in_time):
    events = repair("2021-01-31 09:00", f"2021-07-31 {applied}", "2021-08-20 09:00")
    expected = [(at("2021-01-31 09:00"), at("2021-08-20 09:00"))]
    assert repairs(events) == (expected if is_in_time else [])


def test_one_may_apply_again_after_a_refusal():
    events = repair("2021-01-01", "2021-01-02", "2021-01-03", "refused")
    assert repairs(events) == []
    events += [
        event("again", "2021-01-04", "repair_application"),
        event("at last", "2021-01-05", "repair_decision", "2021-01-06", result="passed"),
    ]
    assert repairs(events) == [(at("2021-01-01"), at("2021-01-06"))]


def test_application_belongs_to_the_latest_rectification():
    events = [
        *repair("2021-01-01", "2021-01-05", "2021-01-09"),
        event("second", "2021-01-05", "rectification_completed"),
        event("same moment", "2021-01-05", "rectification_completed"),
    ]
    assert repairs(events) == [(at("2021-01-05"), at("2021-01-09"))]
    events.append(event("first applied", "2021-01-04", "repair_application"))
    assert repairs(events) == [
        (at("2021-01-01"), at("2021-01-09")),
        (at("2021-01-05"), at("2021-01-09")),
    ]


@pytest.mark.parametrize(
    ("second", "expected"),
    [
        # at the moment of the rectification: covered
        ("2021-01-03 09:00", [("2021-01-02 09:00", "2021-01-05 12:00")]),
        # later on that day: not covered until the first leaves, and after it; no gap, one signal
        ("2021-01-03 09:01", [("2021-01-02 09:00", "2021-01-13 00:00")]),
    ],
)
def test_repair_covers_events_up_to_its_moment(second, expected):
    events = [
        lawsuit("a", "2021-01-02 09:00"),
        lawsuit("b", second),
        *repair("2021-01-03 09:00", "2021-01-04 09:00", "2021-01-05 12:00"),
    ]
    assert span(SHORT, events) == [(at(first), at(last)) for first, last in expected]


def test_earliest_decision_that_covers_all_evidence_counts():
    events = [
        lawsuit("a", "2021-01-01 09:00"),
        *repair("2021-01-02 09:00", "2021-01-02 10:00", "2021-01-06 12:00"),
        lawsuit("b", "2021-01-04 09:00"),
        *repair("2021-01-05 09:00", "2021-01-05 10:00", "2021-01-06 08:00"),
    ]
    # The decision of 08:00 is the first after both applications.
    assert {recorded for _, recorded in repairs(events)} == {at("2021-01-06 08:00")}
    assert span(SHORT, events) == [(at("2021-01-01 09:00"), at("2021-01-06 08:00"))]


def test_decision_at_the_moment_of_the_application_decides_it():
    events = repair("2021-01-01", "2021-01-02", "2021-01-02")
    assert repairs(events) == [(at("2021-01-01"), at("2021-01-02"))]


def test_day_is_suppressed_if_repaired_when_it_begins():
    events = [lawsuit("a", "2021-01-01 09:00")]
    for decided, ends in (("2021-01-03 00:00", None), ("2021-01-03 00:01", "2021-01-03 00:01")):
        found = active_day(SHORT, events, [(at("2021-01-02"), at(decided))], None, date(2021, 1, 3))
        assert (found and found.ends) == (ends and at(ends))


def test_rules_that_are_not_repairable_ignore_repairs():
    rule = Rule("r", "lawsuit", None, "count", 10, ">=", 1, "orange", is_repairable=False)
    events = [
        lawsuit("a", "2021-01-01 09:00"),
        *repair("2021-01-02 09:00", "2021-01-02 10:00", "2021-01-03 12:00"),
    ]
    assert span(rule, events) == [(at("2021-01-01 09:00"), at("2021-01-11"))]


# Signals


def test_signal_lasts_while_days_follow_each_other():
    rule = Rule("r", "lawsuit", None, "count", 2, ">=", 1, "orange", active_days=1)
    events = [lawsuit("a", "2021-01-01 09:00"), lawsuit("b", "2021-01-04 09:00")]
    # a: 1 and 2 January, active to 4 January 00:00. b begins there.
    assert span(rule, events) == [(at("2021-01-01 09:00"), at("2021-01-07"))]
    apart = [lawsuit("a", "2021-01-01 09:00"), lawsuit("b", "2021-01-05 09:00")]
    assert span(rule, apart) == [
        (at("2021-01-01 09:00"), at("2021-01-04")),
        (at("2021-01-05 09:00"), at("2021-01-08")),
    ]


def test_day_that_begins_at_a_repair_is_a_new_signal():
    rule = Rule("r", "lawsuit", None, "count", 1, ">=", 1, "orange", active_days=9)
    events = [
        lawsuit("a", "2021-01-01 09:00"),
        *repair("2021-01-02 09:00", "2021-01-02 10:00", "2021-01-04 00:00"),
        lawsuit("b", "2021-01-04 09:00"),
    ]
    assert span(rule, events) == [
        (at("2021-01-01 09:00"), at("2021-01-04")),
        (at("2021-01-04 09:00"), at("2021-01-14")),
    ]


def test_late_records_trigger_when_they_are_recorded():
    rule = Rule("r", "lawsuit", None, "count", 10, ">=", 2, "orange")
    events = [
        lawsuit("a", "2021-01-01 09:00"),
        lawsuit("b", "2021-01-03 09:00", "2021-01-08 09:00"),
        lawsuit("c", "2021-01-04 09:00", "2021-01-06 09:00"),
    ]
    (signal,) = signals(rule, events, [], None)
    assert signal.triggered == at("2021-01-06 09:00") and signal.fired_on == date(2021, 1, 4)
    assert (signal.value_when_triggered, signal.largest_value) == (2, 3)
    assert signal.evidence == {"a", "c"}
    # From 3 January (a, b) to 12 January, when b has a last day beside c
    assert signal.expires == at("2021-01-13")


def test_signals_recorded_after_they_expired_are_ignored():
    events = [lawsuit("a", "2021-01-01 09:00", "2021-01-11 00:00")]
    assert span(SHORT, events) == [(at("2021-01-11"), at("2021-01-11"))]
    assert known_signals([SHORT], events, None, at("2022-01-01")) == []
    assert periods(signals(SHORT, events, [], None), LEVELS)[0] == []


def test_without_repairs_windows_of_events_are_joined():
    for seed in range(60):
        events = counted(random_stream(np.random.default_rng(seed), date(2021, 1, 1)))
        joined: list[list[date]] = []
        for day in sorted({one.day for one in events if one.event_type == "lawsuit"}):
            if joined and day <= joined[-1][1]:
                joined[-1][1] = day + timedelta(days=10)
            else:
                joined.append([day, day + timedelta(days=10)])
        found = signals(SHORT, events, [], None)
        assert [one.expires.date() for one in found] == [last for _, last in joined], seed
        assert all(
            first <= one.fired_on < last for one, (first, last) in zip(found, joined, strict=True)
        )


# Warnings, status and alerts


def test_deadlines_skip_holidays():
    yellow, orange, red = LEVELS
    friday = at("2021-01-01 09:30")
    calendar = {date(2021, 1, 2): "working_day", date(2021, 1, 4): "holiday"}
    assert due_at(yellow, friday, {}) == at("2021-01-05 00:00")
    assert due_at(yellow, friday, calendar) == at("2021-01-03 00:00")
    assert due_at(orange, friday, calendar) == at("2021-01-07 00:00")
    assert due_at(red, friday, calendar) == at("2021-01-02 09:30")


EVENTS = [
    lawsuit("a", "2021-01-04 09:00"),
    event("b", "2021-01-06 09:00", "breach_execution"),
    lawsuit("c", "2021-01-15 00:00"),
]


def test_warnings_have_episodes_and_escalations():
    # a: 4 to 13 January, expires on 14 January 00:00. b: 6 to 10 January. c: 15 to 24 January.
    # 15 January is a Friday, so c is due at the end of 20 January.
    first, second, red = warned([SHORT, EXECUTED], EVENTS, "2021-01-21")
    assert (first.episode, first.level, first.escalated) == (1, "orange", at("2021-01-06 09:00"))
    assert (first.expires, first.closed) == (at("2021-01-14"), at("2021-01-14"))
    assert (second.episode, second.escalated, second.closed) == (2, None, None)
    assert second.expires == at("2021-01-25")
    assert (red.episode, red.level, red.due) == (1, "red", at("2021-01-07 09:00"))
    assert (red.rule_codes, red.first_rule, red.evidence) == (("executed",), "executed", {"b"})
    assert [w.overdue for w in (first, second, red)] == [True, True, True]
    assert not warned([SHORT, EXECUTED], EVENTS, "2021-01-20")[1].overdue


def test_periods_join_where_signals_touch():
    # Signals of two rules: b begins when a expires.
    other = Rule("other", "tax_overdue", None, "count", 10, ">=", 1, "orange")
    events = [*EVENTS[:2], event("c", "2021-01-14 00:00", "tax_overdue")]
    found = known_signals([SHORT, EXECUTED, other], events, None, at("2021-02-01"))
    assert len(found) == 3
    orange = (at("2021-01-04 09:00"), at("2021-01-24"))
    assert periods(found, LEVELS) == {
        0: [orange],
        1: [],
        2: [orange],
        3: [(at("2021-01-06 09:00"), at("2021-01-11"))],
    }


def test_level_that_opens_at_the_same_moment_is_no_escalation():
    events = [lawsuit("a", "2021-01-04 09:00"), event("b", "2021-01-04 09:00", "breach_execution")]
    orange, red = warned([SHORT, EXECUTED], events, "2021-01-31")
    assert orange.opened == red.opened and orange.escalated is None
    later = [events[0], event("b", "2021-01-04 09:01", "breach_execution")]
    assert warned([SHORT, EXECUTED], later, "2021-01-31")[0].escalated == at("2021-01-04 09:01")


@pytest.mark.parametrize(
    ("occurred", "named", "responded"),
    [
        ("2021-01-04 08:59", None, []),
        ("2021-01-04 09:00", None, ["orange"]),
        ("2021-01-06 10:00", None, ["orange", "red"]),
        ("2021-01-06 10:00", "orange", ["orange"]),
        ("2021-01-06 10:00", "red", ["red"]),
        ("2021-01-06 10:00", "yellow", []),
        ("2021-01-06 10:00", "alert 1", ["orange"]),
        ("2021-01-06 10:00", "alert 2", []),
        ("2021-01-06 10:00", "alert 3", []),
        ("2021-01-06 10:00", "alert 4", []),
        ("2021-01-13 23:59", None, ["orange"]),
        ("2021-01-14 00:00", None, []),
    ],
)
def test_responses_name_their_warning(occurred, named, responded):
    events = [*EVENTS[:2], event("r", occurred, "response_taken", warning=named)]
    # Alert 2 is of an orange warning of the year before; 3 of a red one the day before; 4 unknown.
    alerts = {
        "alert 1": ("orange", at("2021-01-05 09:00")),
        "alert 2": ("orange", at("2020-01-05 09:00")),
        "alert 3": ("red", at("2021-01-05 09:00")),
    }
    found = warned([SHORT, EXECUTED], events, "2021-01-31", alerts=alerts)
    assert [warning.level for warning in found if warning.responded == at(occurred)] == responded
    assert len([warning for warning in found if warning.responded]) == len(responded)


def test_response_after_expiry_counts_until_the_deadline():
    rule = Rule("r", "lawsuit", None, "count", 1, ">=", 1, "orange")
    events = [lawsuit("a", "2021-01-04 09:00")]
    for occurred, overdue in (("2021-01-08 00:00", False), ("2021-01-08 00:01", True)):
        (warning,) = warned([rule], [*events, event("r", occurred, "response_taken")], "2021-01-31")
        assert warning.due == at("2021-01-08") and warning.expires == at("2021-01-05")
        assert warning.overdue == overdue
        assert (warning.responded is None) == overdue


def test_status_falls_back_when_a_level_expires():
    def at_end(day):
        found = status_of([SHORT, EXECUTED], EVENTS, day)
        return found.level, found.since, found.signals, found.score, found.rule_codes

    assert at_end("2021-01-03") == (None, None, 0, 0, ())
    assert at_end("2021-01-05") == ("orange", at("2021-01-04 09:00"), 1, 2, ("short",))
    both = ("red", at("2021-01-06 09:00"), 2, 5, ("executed", "short"))
    assert at_end("2021-01-06") == both
    # The breach expires at the end of 10 January and is active at that moment.
    assert at_end("2021-01-10") == both
    assert at_end("2021-01-11") == ("orange", at("2021-01-11"), 1, 2, ("short",))
    assert at_end("2021-01-14") == (None, at("2021-01-14"), 0, 0, ())
    assert at_end("2021-01-15") == ("orange", at("2021-01-15"), 1, 2, ("short",))


def test_first_day_of_a_log_opens_only_active_warnings():
    log = AlertLog([SHORT, EXECUTED], LEVELS, None, {})
    log.day(date(2021, 1, 12), EVENTS)
    # The red warning of 6 January has expired; the orange one was due at the end of 7 January.
    assert [(entry.kind, entry.level) for entry in log.entries] == [
        ("opened", "orange"),
        ("overdue", "orange"),
    ]
    with pytest.raises(ValueError, match="is not after the last day"):
        log.day(date(2021, 1, 12), EVENTS)


def test_alerts_include_warnings_that_touch_the_end_of_a_day():
    rule = Rule("r", "lawsuit", None, "count", 1, ">=", 1, "orange")
    events = [lawsuit("a", "2021-01-04 09:00"), lawsuit("b", "2021-01-06 00:00")]

    def opened(*days):
        log = AlertLog([rule], LEVELS, None, {})
        for day in days:
            log.day(date(2021, 1, day), events)
        return [entry.opened.day for entry in log.opened()]

    # a expires, and b opens, at the end of a day: of the 4th, and of the 5th.
    assert opened(4) == [4]
    assert opened(5) == []
    assert opened(5, 10) == [6]
    assert opened(4, 5, 6) == [4, 6]


def test_skipped_days_open_what_has_expired_since():
    events = [*EVENTS, event("r", "2021-01-06 12:00", "response_taken", warning="red")]
    log = AlertLog([SHORT, EXECUTED], LEVELS, None, {})
    log.day(date(2021, 1, 1), events)
    log.day(date(2021, 1, 15), events)
    assert sorted((entry.kind, entry.level, str(entry.at)) for entry in log.entries) == [
        ("answered", "red", "2021-01-06 12:00:00"),
        ("closed", "orange", "2021-01-14 00:00:00"),
        ("closed", "red", "2021-01-11 00:00:00"),
        ("opened", "orange", "2021-01-04 09:00:00"),
        ("opened", "orange", "2021-01-15 00:00:00"),
        ("opened", "red", "2021-01-06 09:00:00"),
        ("overdue", "orange", "2021-01-08 00:00:00"),
    ]


def test_alert_of_a_vanished_warning_is_withdrawn():
    events = [
        lawsuit("a", "2021-01-04 09:00", "2021-01-07 09:00"),
        event("r", "2021-01-04 10:00", "rectification_completed", "2021-01-08 09:00"),
        event("p", "2021-01-05 09:00", "repair_application"),
        event("d", "2021-01-06 00:00", "repair_decision", result="passed"),
    ]
    log = AlertLog([SHORT], LEVELS, None, {})
    for day in range(4, 21):
        log.day(date(2021, 1, day), events)
    # On 8 January it becomes known that the lawsuit was repaired before it was recorded.
    assert [(str(entry.as_of), entry.kind) for entry in log.entries] == [
        ("2021-01-07", "opened"),
        ("2021-01-08", "withdrawn"),
    ]
    assert warned([SHORT], events, "2021-01-20") == []


# Random streams


@pytest.fixture(scope="module")
def streams():
    rng = np.random.default_rng(21)
    return [random_stream(rng, date(2021, 1, 1), enterprise=str(k)) for k in range(150)]


def test_streams_have_late_conflicting_and_tied_records(streams):
    seen = Counter()
    for events in streams:
        by_id = {}
        for one in events:
            assert one.occurred <= one.recorded
            by_id.setdefault(one.event_id, set()).add(one)
        for versions in by_id.values():
            assert len({one.recorded for one in versions}) == len(versions)
            seen["conflicts"] += len(versions) > 1
        rectified = {
            one.occurred for one in counted(events) if one.event_type == "rectification_completed"
        }
        others = {one.occurred for one in events if one.event_type in {r.event_type for r in RULES}}
        for moment in rectified:
            day = {other for other in others if other.date() == moment.date()}
            seen["before"] += any(other < moment for other in day)
            seen["after"] += any(other > moment for other in day)
            seen["same moment"] += moment in day
        seen["late"] += sum(one.recorded - one.occurred > timedelta(days=3) for one in events)
        seen["repeated"] += len(events) - len(set(events))
        seen["repaired"] += len(repairs(counted(events)))
        decided = [one.occurred for one in counted(events) if one.event_type == "repair_decision"]
        assert len(set(decided)) == len(decided)
    kinds = ("conflicts", "before", "after", "same moment", "late", "repeated", "repaired")
    assert min(seen[kind] for kind in kinds) > 30, seen


def test_streams_fire_every_rule_and_fill_every_entry(streams):
    fired, kinds, named = Counter(), Counter(), Counter()
    for events in streams:
        end = end_of(max(one.recorded for one in events).date())
        fired.update(one.rule.code for one in known_signals(RULES, events, Decimal(100), end))
    for events in streams[:12]:
        log = AlertLog(RULES, LEVELS, Decimal(100), {})
        for day in list(days_of(events))[::2]:
            before = list(log.entries)
            log.day(day, events)
            assert log.entries[: len(before)] == before
        kinds.update(entry.kind for entry in log.entries)
        keys = [(entry.alert, entry.kind) for entry in log.entries]
        assert len(set(keys)) == len(keys)
        named.update(one.warning in log.alerts for one in events)
    assert min(fired[rule.code] for rule in RULES) > 10, fired
    assert min(kinds[kind] for kind in ("opened", "answered", "overdue", "closed")) > 20, kinds
    assert named[True] > 3, named
