"""The engine of the early warning on records in memory, for tests."""

from collections import defaultdict
from dataclasses import asdict
from datetime import date, timedelta
from hashlib import sha256

import duckdb
import pyarrow as pa
from early_warning_oracle import LEVELS, RULES, due_at, midnight

from credit_indices.early_warning import engine, state_file

FIRST = date(2021, 1, 1)
CAPITAL = 100
AS_OF = [FIRST + timedelta(days=days) for days in (9, 10, 30, 31, 60, 95, 96, 140, 260, 700)]
"""Days of the loads; on the last ones only time passes."""


def _number_of(text: str) -> int:
    """Return a number of 64 bits for a content."""
    return int.from_bytes(sha256(text.encode()).digest()[:8], "little")


class System:
    """The engine on a state of its own."""

    def __init__(self, folder, enterprises, calendar=None, rules=RULES):
        self.connection = duckdb.connect()
        self.file = folder / "credit_indices.warnings.duckdb"
        state_file.attach(self.connection, self.file)
        self.enterprises, self.calendar, self.rules = enterprises, calendar or {}, rules

    def load(
        self, events, as_of=None, *, folder="/folder", more_records=None, consents=(), **options
    ):
        tables = {
            "enterprises": [
                {
                    "enterprise_key": name,
                    "registered_capital": CAPITAL,
                    "exposure": None,
                    "data_origin": "user",
                }
                for name in self.enterprises
            ],
            "consents": [
                dict(zip(SCHEMAS["consents"].names, consent, strict=True)) for consent in consents
            ],
            "records": [
                {
                    "enterprise_key": event.enterprise,
                    "event_id": event.event_id,
                    "event_type": event.event_type,
                    "role": event.role,
                    "result": event.result,
                    "occurred_at": event.occurred,
                    "recorded_at": event.recorded,
                    "amount": event.amount,
                    "ratio": event.ratio,
                    "times": event.times,
                    "warning": event.warning,
                    "owner": None,
                    "snoozed_until": None,
                    "reason": None,
                    "content": _number_of(str(asdict(event))),
                }
                for event in events
            ],
            "rules": [
                {
                    "rule_code": rule.code,
                    "event_type": rule.event_type,
                    "role": rule.role,
                    "metric": rule.metric,
                    "window_days": rule.window_days,
                    "comparison": rule.operator,
                    "threshold": float(rule.threshold),
                    "level_rank": {level.name: level.rank for level in LEVELS}[rule.level],
                    "active_days": rule.active_days,
                    "is_repairable": rule.is_repairable,
                    "is_trial": False,
                }
                for rule in self.rules
            ],
            "levels": [
                {
                    "level": level.name,
                    "level_rank": level.rank,
                    "response": "do it",
                    "deadline_kind": level.deadline_kind,
                    "deadline_amount": level.deadline_amount,
                }
                for level in LEVELS
            ],
            "deadlines": [
                {
                    "level_rank": level.rank,
                    "opened_on": day,
                    "due_at": due_at(level, midnight(day), self.calendar),
                    "is_by_calendar": True,
                }
                for level in LEVELS
                if level.deadline_kind == "working_days"
                for day in (FIRST + timedelta(days=days) for days in range(-150, 900))
            ],
        }
        for name, rows in tables.items():
            self.connection.register(f"given_{name}", pa.Table.from_pylist(rows, SCHEMAS.get(name)))
        types = {event_type for event_type in [rule.event_type for rule in self.rules]}
        codes = [("event_type", name) for name in types | REPAIRS]
        codes += [("role", name) for name in ("defendant", "plaintiff", "third_party")]
        codes += [("result", name) for name in ("passed", "refused")]
        values = ", ".join(f"('{kind}', '{text}')" for kind, text in codes)
        inputs = engine.Inputs(
            enterprises="from given_enterprises",
            consents="from given_consents",
            records="from given_records"
            + (f" union all by name {more_records}" if more_records else ""),
            rules="from given_rules",
            levels="from given_levels",
            deadlines="from given_deadlines",
            codes=f"select * from (values {values}) as codes (kind, text)",
            key_check="key",
        )
        return engine.load_day(self.connection, inputs, as_of, folder=folder, **options)

    def query(self, sql, *parameters):
        return self.connection.execute(sql, parameters).fetchall()

    def table(self, name):
        return self.query(f"from early_warning.{name} order by all")

    def by_enterprise(self, sql):
        """Rows of a query, whose first column is the number of an enterprise, by its key."""
        found = defaultdict(list)
        keys = dict(self.query("select en, enterprise_key from early_warning.enterprises"))
        for en, *row in self.query(sql):
            found[keys[en]].append(tuple(row))
        return found


REPAIRS = {
    "rectification_completed",
    "repair_application",
    "repair_decision",
    "response_taken",
}
SCHEMAS = {
    "records": pa.schema(
        [
            *((name, pa.string()) for name in ("enterprise_key", "event_id", "event_type")),
            *((name, pa.string()) for name in ("role", "result")),
            *((name, pa.timestamp("us")) for name in ("occurred_at", "recorded_at")),
            ("amount", pa.decimal128(18, 2)),
            ("ratio", pa.float64()),
            ("times", pa.int64()),
            *((name, pa.string()) for name in ("warning", "owner")),
            ("snoozed_until", pa.timestamp("us")),
            ("reason", pa.string()),
            ("content", pa.uint64()),
        ]
    ),
    "consents": pa.schema(
        [
            ("enterprise_key", pa.string()),
            ("data_class", pa.string()),
            ("granted_at", pa.timestamp("us")),
            ("withdrawn_at", pa.timestamp("us")),
        ]
    ),
    "enterprises": pa.schema(
        [
            ("enterprise_key", pa.string()),
            ("registered_capital", pa.float64()),
            ("exposure", pa.float64()),
            ("data_origin", pa.string()),
        ]
    ),
    "deadlines": pa.schema(
        [
            ("level_rank", pa.int64()),
            ("opened_on", pa.date32()),
            ("due_at", pa.timestamp("us")),
            ("is_by_calendar", pa.bool_()),
        ]
    ),
}


RESULTS = ("signals", "periods", "warnings", "repairs", "level_history", "alert_log")


def results(system):
    return {
        name: sorted(
            map(
                str,
                system.query(
                    f"select columns(c -> c not in ('en', 'rule', 'first_rule', 'rules')), "
                    f"enterprise_key from early_warning.{name} "
                    "join early_warning.enterprises using (en)"
                ),
            )
        )
        for name in RESULTS
    }
