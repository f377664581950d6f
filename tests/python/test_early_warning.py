"""Early warning: random streams of events against brute force, and day by day against all at once.

Every enterprise of a folder has its own random stream, so one run of dbt tests thousands.
"""

import csv
import random
import shutil
from collections import defaultdict
from datetime import datetime, timedelta
from decimal import Decimal

import duckdb
import early_warning_oracle as oracle
import pandas as pd
import pytest
from conftest import PROJECT, DataDir, environment

from credit_indices.early_warning import state_file
from credit_indices.pipeline.enterprise_codes import check_character

WARNINGS = (
    "stg_input__enterprises",
    "stg_input__enterprise_events",
    "stg_input__enterprise_consents",
    "stg_input__warning_rules",
    "credit_indices.intermediate.warnings",
    "int_warnings__day",
    "credit_indices.marts.warnings",
    "quarantined_events",
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
        if (state := state_file.path_beside(original)).exists():
            shutil.copy(state, self.state)

    @property
    def state(self):
        return state_file.path_beside(self.path)

    def load(self, tables: dict, *, select=WARNINGS, **settings):
        folder = self.folder / "load"
        shutil.rmtree(folder, ignore_errors=True)
        return self.build(DataDir(tables).write(folder), select=select, **settings)

    def build(self, data, *, select=WARNINGS, **settings):
        with environment(CREDIT_INDICES_PSEUDONYM_KEY=KEY):
            build = self.runner.run(self.path, self.runner.select(*select), data, **settings)
        assert build.succeeded, build.message
        return build

    def table(self, name: str) -> set[tuple]:
        with duckdb.connect(str(self.path), read_only=True) as connection:
            rows = connection.execute(f"select * from {name}").fetchall()
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
    for load in loads:
        daily.load(tables_of(load))
    for name in MARTS:
        there = daily.table(name)
        assert there == whole.table(name), name
        assert there, name


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
    later = Warehouse(runner, shipped.warehouse, tmp_path / "later")
    later.load(tables_of(rows))
    later.load(tables_of(loads[0][:1]), as_of_date=day)
    then = Warehouse(runner, shipped.warehouse, tmp_path / "then")
    then.load(tables_of(rows), as_of_date=day)
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
    # The state itself is that of the last day.
    later.load(tables_of(loads[0][:1]))
    for name in MARTS:
        assert later.table(name) == whole.table(name), name


def test_later_days_expire_warnings(runner, streams, tables_of, tmp_path, shipped):
    rows = [row for load in streams[1] for row in load]
    late = Warehouse(runner, shipped.warehouse, tmp_path)
    late.load(tables_of(rows))
    open_before = late.query("select count(*) from marts.enterprise_status where level <> 'none'")
    late.load(tables_of(rows[:1]), as_of_date="2022-01-31")
    assert open_before > [(100,)]
    assert late.query(
        "select count(*) filter (level <> 'none'), min(as_of)::varchar from marts.enterprise_status"
    ) == [(0, "2022-01-31")]
    assert late.query(
        "select count(*) from marts.enterprise_warnings "
        "where closed_at is null or overdue <> coalesce(responded_at > due_at, true)"
    ) == [(0,)]


def test_trials_open_no_warning(runner, shipped, streams, tables_of, whole, tmp_path):
    rows = [row for load in streams[1] for row in load]
    rules = [row | {"is_active": 1, "replaces": ""} for row in rule_rows()]
    trial = {"rule_code": "trial", "threshold": 1, "level": "red", "is_active": "trial"}
    rules.append(rules[0] | trial | {"replaces": "count"})
    tried = Warehouse(runner, shipped.warehouse, tmp_path)
    tried.load(tables_of(rows) | {"warning_rules": rules})
    signals = tried.table(MARTS[0])
    of_trial = {row for row in signals if "trial" in row}
    assert of_trial
    assert signals - of_trial == whole.table(MARTS[0])
    for name in MARTS[1:]:
        assert tried.table(name) == whole.table(name), name


def oracle_event(row: dict) -> oracle.Event:
    return oracle.Event(
        event_id=row["event_id"],
        enterprise=row["enterprise_id"],
        occurred=datetime.fromisoformat(row["occurred_at"]),
        recorded=datetime.fromisoformat(row["recorded_at"]),
        event_type=row["event_type"],
        role=row["role"] or None,
        amount=Decimal(row["amount"]) if row["amount"] != "" else None,
        ratio=row["ratio"] or None,
        times=row["count"] or 1,
        result=row["result"] or None,
    )


def test_signals_are_those_of_the_oracle(streams, whole):
    enterprises, loads = streams
    signals = defaultdict(list)
    for enterprise, rule, triggered, expires, value in whole.query(
        "select enterprise_id, rule_code, triggered_at, expires_at, largest_value "
        "from intermediate.int_warnings__signals "
        "inner join restricted.int_warnings__enterprises using (enterprise_key)"
    ):
        signals[enterprise].append((rule, triggered, expires, pytest.approx(value)))
    events = defaultdict(list)
    for row in (row for load in loads for row in load):
        events[row["enterprise_id"]].append(oracle_event(row))
    rules = [
        oracle.Rule(code, event_type, role or None, *rest, is_repairable=code in REPAIRABLE)
        for code, event_type, role, *rest in RULES
    ]
    n_signals = 0
    for row in enterprises[:250]:
        known = oracle.counted(events[row["enterprise_id"]])
        repairs = oracle.repairs(known)
        expected = [
            (rule.code, signal.triggered, signal.expires, signal.largest_value)
            for rule in rules
            for signal in oracle.signals(rule, known, repairs, 100)
        ]
        assert sorted(expected) == sorted(signals[row["enterprise_id"]], key=lambda s: s[:3])
        n_signals += len(expected)
    assert n_signals > 200


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
    for event in oracle.counted([oracle_event(row) for load in streams[1] for row in load]):
        if event.event_type == "response_taken":
            responses[event.enterprise].append(event.occurred)
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
