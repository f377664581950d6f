"""Early warning: random streams of events against brute force, and day by day against all at once.

Every enterprise of a folder has its own random stream, so one run of dbt tests thousands.
"""

import csv
import json
import random
import shutil
from collections import defaultdict
from datetime import date, datetime, timedelta

import duckdb
import pandas as pd
import pytest
from conftest import PROJECT, DataDir, environment

from credit_indices.pipeline.enterprise_codes import check_character

WARNINGS = (
    "stg_input__enterprises",
    "stg_input__enterprise_events",
    "stg_input__enterprise_consents",
    "stg_input__warning_rules",
    "credit_indices.intermediate.warnings",
    "credit_indices.marts.warnings",
    "quarantined_events",
)
STATE = (
    "stg_input__enterprises",
    "stg_input__enterprise_events",
    "stg_input__enterprise_consents",
    "stg_input__warning_rules",
    "int_warnings__rules",
    "int_warnings__metric_definitions",
    "int_warnings__*_validated",
    "int_warnings__enterprises",
    "int_warnings__keys",
    "int_warnings__events_accepted",
    "int_warnings__events_consented",
    "int_warnings__events",
    "int_warnings__metrics",
)
MARTS = (
    "intermediate.int_warnings__signals",
    "marts.enterprise_status",
    "marts.enterprise_warnings",
    "marts.credit_repairs",
    "marts.credit_repair_rates",
    "marts.warning_lead_time",
    "marts.regional_warnings",
)
COMPARED = (
    "state.int_warnings__metrics",
    "state.int_warnings__events",
    *MARTS,
)
KEY = "a long key for tests"
FIRST = datetime(2021, 1, 1)
RULES = [
    # rule_code, event_type, role, measure, window_days, operator, threshold, level, stands_days
    ("count", "negative_opinion", "", "count", 4, ">=", 3, "yellow", 2),
    ("suit", "lawsuit", "defendant", "count", 15, ">=", 1, "orange", 0),
    ("sum", "lawsuit", "", "sum", 5, ">", 60, "orange", 6),
    ("ratio", "tax_underpayment", "", "max_ratio", 6, ">", 0.1, "yellow", 0),
    ("flow", "capital_flow", "", "max_share_of_capital", 1, ">", 0.5, "red", 3),
    ("flows", "capital_flow", "", "max_share_of_capital", 4, ">", 0.5, "red", 0),
    ("periods", "tax_overdue", "", "consecutive_periods", 100, ">=", 2, "yellow", 0),
]

REPAIRABLE = ("suit", "sum")


def rule_rows(rules=RULES) -> list[dict]:
    return [
        {
            "rule_code": code,
            "title": code,
            "event_type": event_type,
            "role": role,
            "measure": metric,
            "window_days": window,
            "operator": operator,
            "threshold": threshold,
            "level": level,
            "stands_days": active_days,
            "is_repairable": 1 if code in REPAIRABLE else 0,
        }
        for code, event_type, role, metric, window, operator, threshold, level, active_days in rules
    ]


def enterprise_rows(n: int) -> list[dict]:
    """Generate n enterprises with a registered capital of 100 yuan."""
    bodies = [f"91000000{number:09d}" for number in range(n)]
    return [
        {
            "enterprise_id": body + check_character(body),
            "name": f"Synthetic {number}",
            "province_code": ("11", "12", "13", "14", "15", "21", "22")[number % 7],
            "city": "x",
            "industry": "y",
            "registered_capital": 100,
        }
        for number, body in enumerate(bodies)
    ]


def consent_rows(enterprises: list[dict]) -> list[dict]:
    classes = ("tax", "transactions", "judicial", "opinion", "ownership", "repair")
    return [
        {"enterprise_id": row["enterprise_id"], "data_class": name, "granted_at": "2020-01-01"}
        for row in enterprises
        for name in classes
    ]


REPAIRS = ["lawsuit", "lawsuit", "rectification_completed", "repair_application", "repair_decision"]
EVENTS = (
    ["negative_opinion"] * 3
    + ["capital_flow"] * 2
    + ["tax_underpayment", "tax_overdue", "tax_overdue", "response_taken"]
    + REPAIRS
)


def random_event(
    rng: random.Random, enterprise_id: str, event_id: str, load_day: int, event_types: list[str]
) -> dict:
    """Draw an event that occurred on or before the day of its load, and was recorded by then."""
    event_type = rng.choice(event_types)
    reach = 120 if event_type == "tax_overdue" else 12
    hours = rng.randrange(24 * reach)
    recorded = FIRST + timedelta(days=load_day, minutes=-rng.randrange(60 * 24 * 3))
    occurred = recorded - timedelta(hours=rng.choice([0, 1, 30, hours]))
    return {
        "event_id": event_id,
        "enterprise_id": enterprise_id,
        "occurred_at": str(occurred),
        "recorded_at": str(recorded),
        "event_type": event_type,
        "role": rng.choice(["defendant", "plaintiff"]) if event_type == "lawsuit" else "",
        "amount": rng.randrange(0, 90) if event_type in ("lawsuit", "capital_flow") else "",
        "ratio": rng.choice([0.05, 0.1, 0.11, 0.3]) if event_type == "tax_underpayment" else "",
        "count": rng.choice(["", "", 2]) if event_type == "negative_opinion" else "",
        "result": rng.choice(["passed", "refused"]) if event_type == "repair_decision" else "",
    }


def random_loads(rng: random.Random, enterprises: list[dict], n_loads: int) -> list[list[dict]]:
    """Draw every enterprise's events, load by load, some loaded twice, some contradicting."""
    loads: list[list[dict]] = [[] for _ in range(n_loads)]
    for stream, row in enumerate(enterprises):
        event_types = EVENTS if stream % 2 else REPAIRS
        past: list[dict] = []
        for number, load in enumerate(loads):
            for k in range(rng.choice([0, 1, 2, 4])):
                event_id = f"{stream}-{number}-{k}"
                event = random_event(
                    rng, row["enterprise_id"], event_id, 4 * number + 3, event_types
                )
                load.append(event)
                past.append(event)
            if past and rng.random() < 0.3:
                load.append(rng.choice(past))
            if past and rng.random() < 0.15:
                other = random_event(rng, row["enterprise_id"], "", 4 * number + 3, event_types)
                load.append(other | {"event_id": rng.choice(past)["event_id"]})
        for load in loads:
            rng.shuffle(load)
    return loads


class Warehouse:
    """A copy of the shipped warehouse into which folders of events are loaded."""

    def __init__(self, runner, original, folder):
        self.runner, self.folder = runner, folder
        self.path = folder / "warehouse" / "credit_indices.duckdb"
        self.path.parent.mkdir(parents=True)
        shutil.copy(original, self.path)
        self.loads = 0

    def load(self, tables: dict, *, select=WARNINGS, **settings):
        self.loads += 1
        data = DataDir(tables).write(self.folder / f"load {self.loads}")
        return self.build(data, select=select, **settings)

    def build(self, data, *, select=WARNINGS, **settings):
        with environment(CREDIT_INDICES_PSEUDONYM_KEY=KEY):
            build = self.runner.run(self.path, self.runner.select(*select), data, **settings)
        assert build.succeeded, build.message
        return build

    def table(self, name: str) -> set[tuple]:
        with duckdb.connect(str(self.path), read_only=True) as connection:
            columns = "columns(c -> c <> 'load_number')"
            rows = connection.execute(f"select {columns} from {name}").fetchall()
        assert len(set(rows)) == len(rows)
        return set(rows)

    def query(self, sql: str) -> list[tuple]:
        with duckdb.connect(str(self.path), read_only=True) as connection:
            return connection.execute(sql).fetchall()


@pytest.fixture(scope="module")
def streams():
    rng = random.Random(8)
    enterprises = enterprise_rows(2000)
    return enterprises, random_loads(rng, enterprises, 4)


@pytest.fixture(scope="module")
def tables_of(streams):
    enterprises, _ = streams
    fixed = {
        "enterprises": enterprises,
        "enterprise_consents": consent_rows(enterprises),
        "warning_rules": rule_rows(),
    }
    return lambda events: fixed | {"enterprise_events": events}


@pytest.fixture(scope="module")
def whole(runner, shipped, streams, tables_of, tmp_path_factory):
    """All loads at once, from a folder of Parquet files, one per day of record."""
    warehouse = Warehouse(runner, shipped.warehouse, tmp_path_factory.mktemp("whole"))
    tables = {name: rows for name, rows in tables_of([]).items() if rows}
    lake = DataDir(tables).write(warehouse.folder / "it's a [lake]")
    by_day = defaultdict(list)
    for row in (row for load in streams[1] for row in load):
        by_day[row["recorded_at"][:10]].append(row)
    for day, rows in by_day.items():
        frame = pd.DataFrame(rows).replace("", None)
        frame = frame.astype({"amount": float, "ratio": float, "count": float})
        frame["occurred_at"] = pd.to_datetime(frame.occurred_at)
        if frame["result"].isna().all():
            del frame["result"]
        path = lake / "enterprise_events" / f"day={day}" / "part-0.parquet"
        path.parent.mkdir(parents=True)
        frame.to_parquet(path, index=False)
    (lake / "enterprise_events" / "_SUCCESS").write_text("")
    warehouse.build(lake, full_refresh=True)
    return warehouse


def test_daily_loads_equal_one_load(runner, shipped, streams, tables_of, whole, tmp_path):
    _, loads = streams
    daily = Warehouse(runner, shipped.warehouse, tmp_path)
    for number, load in enumerate(loads[:-1]):
        daily.load(tables_of(load), full_refresh=number == 0, select=STATE)
    daily.load(tables_of(loads[-1]))
    for name in COMPARED:
        there = daily.table(name)
        assert there == whole.table(name), name
        assert there, name
    before = [daily.table(name) for name in COMPARED[:2]]
    daily.load(tables_of(loads[1]), select=STATE)
    assert [daily.table(name) for name in COMPARED[:2]] == before


def test_records_are_found_in_the_folder_of_parquet_files(streams, whole):
    events = [row for load in streams[1] for row in load]
    (conflict,) = whole.query(
        "select source_file, source_row from quality.quarantined_events "
        "where column_name = 'event_id' order by all limit 1"
    )
    row = pd.read_parquet(whole.folder / "it's a [lake]" / conflict[0]).iloc[conflict[1] - 2]
    assert len({e["recorded_at"] for e in events if e["event_id"] == row.event_id}) > 1


def test_past_as_of_dates_use_only_events_known_then(
    runner, shipped, streams, tables_of, whole, tmp_path
):
    _, loads = streams
    rows = [row for load in loads for row in load]
    day = "2021-01-09"
    later = Warehouse(runner, whole.path, tmp_path / "later")
    later.load(tables_of(loads[0][:1]), as_of_date=day)
    then = Warehouse(runner, shipped.warehouse, tmp_path / "then")
    then.load(tables_of(rows), full_refresh=True, as_of_date=day)
    n_later = sum(row["recorded_at"][:10] > day for row in rows)
    with duckdb.connect(str(then.path), read_only=True) as connection:
        assert connection.execute(
            "select count(*) from quality.quarantined_events "
            "where reason like 'recorded_at is after as_of_date, 2021-01-09%'"
        ).fetchone() == (n_later,)
    assert 0 < n_later < len(rows)
    for name in MARTS:
        assert later.table(name) == then.table(name), name
        assert later.table(name) != whole.table(name), name


def test_trials_open_no_warning(runner, streams, tables_of, whole, tmp_path):
    _, loads = streams
    rules = [row | {"is_active": 1, "replaces": ""} for row in rule_rows()]
    trial = {"rule_code": "trial", "threshold": 1, "level": "red", "is_active": "trial"}
    rules.append(rules[0] | trial | {"replaces": "count"})
    tried = Warehouse(runner, whole.path, tmp_path)
    tried.load(tables_of(loads[0][:1]) | {"warning_rules": rules})
    signals = tried.table(MARTS[0])
    of_trial = {row for row in signals if "trial" in row}
    assert of_trial
    assert signals - of_trial == whole.table(MARTS[0])
    for name in MARTS[1:]:
        assert tried.table(name) == whole.table(name), name


def test_rule_changes_read_only_the_events_they_need(runner, streams, tables_of, whole, tmp_path):
    _, loads = streams
    changed = Warehouse(runner, whole.path, tmp_path)
    with duckdb.connect(str(changed.path)) as connection:
        connection.execute(
            "alter table state.int_warnings__events rename to away;"
            "alter table restricted.stg_input__enterprise_events rename to away"
        )
    rules = rule_rows()
    rules[0]["threshold"] = 4
    select = [
        "stg_input__warning_rules",
        "int_warnings__rules",
        "int_warnings__signals",
        "int_warnings__active_periods",
        "enterprise_status",
    ]
    tables = tables_of(loads[0][:1]) | {"warning_rules": rules}
    changed.load(tables, select=select)
    signals = changed.table("intermediate.int_warnings__signals")
    before = whole.table("intermediate.int_warnings__signals")
    assert (
        0
        < len([s for s in signals if s[1] == "count"])
        < len([s for s in before if s[1] == "count"])
    )
    assert {s for s in signals if s[1] != "count"} == {s for s in before if s[1] != "count"}

    with duckdb.connect(str(changed.path)) as connection:
        connection.execute(
            "alter table state.away rename to int_warnings__events;"
            "alter table restricted.away rename to stg_input__enterprise_events"
        )
    rules.append(rules[0] | {"rule_code": "new", "window_days": 9, "threshold": 5})
    del rules[1]
    changed.load(tables)
    anew = Warehouse(runner, whole.path, tmp_path / "anew")
    rows = [row for load in loads for row in load]
    anew.load(tables_of(rows) | {"warning_rules": rules}, full_refresh=True)
    for name in COMPARED:
        assert changed.table(name) == anew.table(name), name
    assert [s for s in changed.table("intermediate.int_warnings__signals") if s[1] == "new"]


def counted(events: list[dict]) -> list[dict]:
    """The version of every event that was recorded first."""
    first: dict[str, dict] = {}
    for event in events:
        known = first.get(event["event_id"])
        if known is None or event["recorded_at"] < known["recorded_at"]:
            first[event["event_id"]] = event
    return [
        event
        | {
            "day": date.fromisoformat(event["occurred_at"][:10]),
            "recorded": datetime.fromisoformat(event["recorded_at"]),
        }
        for event in first.values()
    ]


def metric_value(rule: tuple, events: list[dict], day: date) -> float:
    """Metric of a rule on a day, implemented from its description."""
    _, event_type, role, metric, window, *_ = rule
    inside = [
        event
        for event in events
        if event["event_type"] == event_type
        and role in ("", event["role"])
        and 0 <= (day - event["day"]).days < window
    ]
    if metric == "count":
        return sum(event["count"] or 1 for event in inside)
    if metric == "sum":
        return sum(event["amount"] for event in inside)
    if metric == "max_ratio":
        return max((event["ratio"] for event in inside), default=0)
    if metric == "max_share_of_capital":
        flows = defaultdict(int)
        for event in inside:
            flows[event["day"]] += event["amount"]
        return max(flows.values(), default=0) / 100
    if metric != "consecutive_periods":
        raise ValueError(f"Implement the metric {metric} in metric_value, from its description")
    months = {12 * event["day"].year + event["day"].month for event in inside}
    length = 0
    while months and max(months) - length in months:
        length += 1
    return length


def test_every_metric_is_documented_and_tested(runner):
    definitions = json.loads(runner.rendered("{{ tojson(warning_metrics()) }}"))
    guide = (PROJECT / "docs/methods/early_warning.md").read_text(encoding="utf-8")
    _, _, table = guide.partition("| `measure` | unit | value |\n| --- | --- | --- |\n")
    rows = table.partition("\n\n")[0].splitlines()
    expected = [f"| `{m}` | {d['unit']} | {d['description']} |" for m, d in definitions.items()]
    assert rows == expected, "Copy these rows to docs/methods/early_warning.md, section Rules"
    for metric, definition in definitions.items():
        column = {"amount_of_day": "amount"}.get(definition["argument"], definition["argument"])
        if column in ("amount", "ratio"):
            assert definition.get("column") == column and definition.get("types_needing"), (
                f"{metric}: give column and types_needing in macros/warnings/warning_metrics.sql, "
                "so that rules for events without the column are refused"
            )
    tested = {metric for _, _, _, metric, *_ in RULES}
    assert tested == set(definitions), (
        "Give every metric a rule in RULES and a formula in metric_value, both in this file"
    )


def passed_repairs(events: list[dict]) -> list[tuple[date, datetime]]:
    """Day of the rectification, and time at which the record of its passed repair arrived."""
    of_type = defaultdict(list)
    for event in sorted(events, key=lambda event: (event["occurred_at"], event["event_id"])):
        of_type[event["event_type"]].append(event)
    found = []
    for application in of_type["repair_application"]:
        applied = application["occurred_at"]
        before = [e for e in of_type["rectification_completed"] if e["occurred_at"] <= applied]
        after = [e for e in of_type["repair_decision"] if e["occurred_at"] >= applied]
        # The streams are shorter than six months.
        if before and after and after[0]["result"] == "passed":
            found.append((before[-1]["day"], after[0]["recorded"]))
    return found


def expected_signals(rule: tuple, events: list[dict], repairs: list[tuple]) -> list[tuple]:
    """Trigger time, expiry and largest value of each signal, by brute force over days."""
    _, _, _, _, window, operator, threshold, _, active_days = rule

    def active_until(known: list[dict], day: date) -> tuple[datetime, bool] | None:
        """Expiry of the signal due to this day, and whether a repair ends it."""
        value = metric_value(rule, known, day)
        if not (value >= threshold if operator == ">=" else value > threshold):
            return None
        begin = datetime.combine(day, datetime.min.time())
        last = max(e["day"] for e in known if 0 <= (day - e["day"]).days < window)
        passed = min((moment for rectified, moment in repairs if rectified >= last), default=None)
        end = begin + timedelta(days=1 + active_days)
        if passed is not None and passed <= begin:
            return None
        return (passed, True) if passed is not None and passed < end else (end, False)

    first, last = min(e["day"] for e in events), max(e["day"] for e in events)
    stretches: list[list[tuple[date, datetime, bool]]] = []
    for k in range((last - first).days + window + 1):
        day = first + timedelta(days=k)
        until = active_until(events, day)
        if until is None:
            continue
        begin = datetime.combine(day, datetime.min.time())
        if stretches and any(
            begin < end or (begin == end and not is_repaired)
            for _, end, is_repaired in stretches[-1]
        ):
            stretches[-1].append((day, *until))
        else:
            stretches.append([(day, *until)])
    found = []
    moments = sorted({event["recorded"] for event in events})
    for stretch in stretches:
        expires = max(end for _, end, _ in stretch)
        triggered = next(
            moment
            for moment in moments
            if any(
                active_until([e for e in events if e["recorded"] <= moment], day)
                for day, _, _ in stretch
            )
        )
        found.append(
            (triggered, expires, max(metric_value(rule, events, day) for day, _, _ in stretch))
        )
    return found


def test_signals_are_those_of_brute_force(streams, whole):
    enterprises, loads = streams
    with duckdb.connect(str(whole.path), read_only=True) as connection:
        rows = connection.execute(
            "select enterprise_id, rule_code, triggered_at, expires_at, largest_value "
            "from intermediate.int_warnings__signals "
            "inner join restricted.int_warnings__enterprises using (enterprise_key)"
        ).fetchall()
    signals = defaultdict(list)
    for enterprise, rule, triggered, expires, value in rows:
        signals[enterprise, rule].append((triggered, expires, pytest.approx(value)))
    events = defaultdict(list)
    for event in counted([row for load in loads for row in load]):
        events[event["enterprise_id"]].append(event)
    n_signals = n_repaired = 0
    for row in enterprises:
        enterprise = row["enterprise_id"]
        repairs = passed_repairs(events[enterprise])
        for rule in RULES:
            if rule[0] not in REPAIRABLE and row not in enterprises[:300]:
                continue
            of_type = [
                event
                for event in events[enterprise]
                if event["event_type"] == rule[1] and rule[2] in ("", event["role"])
            ]
            expected = []
            if of_type:
                expected = expected_signals(rule, of_type, repairs if rule[0] in REPAIRABLE else [])
            assert expected == sorted(signals[enterprise, rule[0]], key=lambda s: s[1]), (row, rule)
            n_signals += len(expected)
            passed = {moment for _, moment in repairs}
            n_repaired += sum(expires in passed for _, expires, _ in expected)
    assert n_signals > 300
    assert n_repaired > 10


def stretches_of(signals: list[tuple]) -> list[tuple[datetime, datetime]]:
    """Join overlapping or adjacent intervals; signals are (rule, rank, triggered, expires)."""
    joined: list[tuple[datetime, datetime]] = []
    for _, _, triggered, expires in sorted(signals, key=lambda signal: signal[2]):
        if joined and triggered <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(expires, joined[-1][1]))
        else:
            joined.append((triggered, expires))
    return joined


def due(opened: datetime, rank: int, calendar: dict[str, str]) -> datetime:
    """T+1 or T+3 working days, or T+24 hours; counted day by day."""
    if rank == 3:
        return opened + timedelta(hours=24)
    day, left = opened.date(), {1: 1, 2: 3}[rank]
    while left:
        day += timedelta(days=1)
        kind = calendar.get(str(day))
        left -= kind == "working_day" or (kind is None and day.weekday() < 5)
    return datetime.combine(day, datetime.min.time()) + timedelta(days=1)


def test_warnings_and_status_follow_from_the_signals(streams, whole):
    with open(PROJECT / "seeds" / "catalog" / "public_holidays.csv", encoding="utf-8") as stream:
        calendar = {row["calendar_date"]: row["kind"] for row in csv.DictReader(stream)}
    ((as_of,),) = whole.query("select as_of from intermediate.int_warnings__as_of")
    end = datetime.combine(as_of, datetime.min.time()) + timedelta(days=1)
    signals = defaultdict(list)
    for enterprise, *signal in whole.query(
        "select enterprise_id, rule_code, level_rank, triggered_at, expires_at from "
        "intermediate.int_warnings__signals inner join restricted.int_warnings__enterprises "
        "using (enterprise_key) where triggered_at < expires_at"
    ):
        signals[enterprise].append(tuple(signal))
    responses = defaultdict(list)
    for event in counted([row for load in streams[1] for row in load]):
        if event["event_type"] == "response_taken":
            responses[event["enterprise_id"]].append(datetime.fromisoformat(event["occurred_at"]))
    warnings, status = set(), set()
    for row in streams[0]:
        enterprise = row["enterprise_id"]
        mine = signals[enterprise]
        stretches = {
            rank: stretches_of([signal for signal in mine if signal[1] == rank])
            for rank in (1, 2, 3)
        }
        episodes = stretches_of(mine)
        for rank, level in ((1, "yellow"), (2, "orange"), (3, "red")):
            for opened, expires in stretches[rank]:
                higher = [
                    other
                    for above in range(rank + 1, 4)
                    for other, _ in stretches[above]
                    if opened < other <= expires
                ]
                by = due(opened, rank, calendar)
                done = [
                    moment
                    for moment in responses[enterprise]
                    if opened <= moment and (moment < expires or moment <= by)
                ]
                rules = {s[0] for s in mine if s[1] == rank and opened <= s[2] <= expires}
                (episode,) = [
                    number
                    for number, (first, last) in enumerate(episodes, 1)
                    if first <= opened <= last
                ]
                warnings.add(
                    (
                        enterprise,
                        episode,
                        level,
                        opened,
                        min(higher, default=None),
                        expires if expires < end else None,
                        ", ".join(sorted(rules)),
                        by,
                        min(done, default=None),
                        min(done, default=end) > by,
                    )
                )
        standing = [signal for signal in mine if signal[3] >= end]
        rank = max((signal[1] for signal in standing), default=0)
        since = [last for above in range(rank + 1, 4) for _, last in stretches[above]]
        since += [first for first, last in stretches.get(rank, []) if last >= end]
        status.add(
            (
                enterprise,
                ("none", "yellow", "orange", "red")[rank],
                max(since, default=None),
                len(standing),
                sum(signal[1] for signal in standing),
            )
        )
    with_id = "inner join restricted.int_warnings__enterprises using (enterprise_key)"
    assert warnings == set(
        whole.query(
            "select enterprise_id, episode, level, opened_at, escalated_at, closed_at, rule_codes, "
            f"due_at, responded_at, overdue from marts.enterprise_warnings {with_id}"
        )
    )
    assert status == set(
        whole.query(
            "select enterprise_id, level, since, signals, score "
            f"from marts.enterprise_status {with_id}"
        )
    )
    assert len(warnings) > 1000
    assert {row[-1] for row in warnings} == {True, False}
    assert any(row[4] for row in warnings) and any(row[8] for row in warnings)
