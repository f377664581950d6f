"""Rules, trials and survival of warnings on random signals, against brute force in Python.

The laboratory reads signals, so the tests draw these and leave out the events. All times are whole
hours; ties, and red after exactly 90 days, occur.
"""

import itertools
import random
import re
from collections import defaultdict
from datetime import date, datetime, timedelta

import duckdb
import numpy as np
import pandas as pd
import pytest
from conftest import PROJECT
from numpy.testing import assert_allclose
from statsmodels.duration.survfunc import CumIncidenceRight, SurvfuncRight

from credit_indices.stats import survival

LABORATORY = (
    "credit_indices.intermediate.laboratory",
    "credit_indices.laboratory",
    "credit_indices.marts.laboratory",
)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
FIRST, AS_OF = datetime(2020, 1, 20), date(2021, 6, 17)
AS_OF_END = datetime(2021, 6, 18)
LEVELS = {"yellow": 1, "orange": 2, "red": 3}
RULES = {
    # level, is_trial, replaces
    "tax": ("yellow", False, None),
    "opinion": ("yellow", False, None),
    "suit": ("orange", False, None),
    "party": ("orange", False, None),
    "breach": ("red", False, None),
    "flow": ("red", False, None),
    "suit_twice": ("orange", True, "suit"),
    "suit_lower": ("yellow", True, "suit"),
    "added": ("yellow", True, None),
    "red_trial": ("red", True, "breach"),
    "silent": ("yellow", True, None),
}
LIVE = [rule for rule, (_, is_trial, _) in RULES.items() if not is_trial]
EMPTY = ["enterprise_key", "decision_recorded_at", "has_repaired"]  # no repairs
CAPITALS = [5e5, 2e6, 5e6, 3e7, 2e8, None]


def draw_signals(rng: random.Random, enterprises: list[str]) -> list[dict]:
    """Draw the signals of every enterprise and rule in order, some of which were never active."""
    signals = []
    for key, rule in itertools.product(enterprises, RULES):
        if rule == "silent":
            continue
        time, number = FIRST + rng.randrange(24 * 500) * HOUR, 0
        while rng.random() < 0.75:
            number += 1
            length = rng.choice([3, 30, 90, 200]) * DAY + rng.randrange(24) * HOUR
            expires = time + length
            signals.append(
                {
                    "enterprise_key": key,
                    "rule_code": rule,
                    "level": RULES[rule][0],
                    "level_rank": LEVELS[RULES[rule][0]],
                    "signal_number": number,
                    "triggered_at": time if rng.random() < 0.95 else expires + HOUR,
                    "expires_at": expires,
                }
            )
            gap = rng.choice([0, 2 * DAY, 7 * DAY, 7 * DAY + HOUR, 60 * DAY])
            time = expires + (gap or timedelta(0))
            if rng.random() < 0.2:  # a tie with another rule
                red = [s for s in signals if s["enterprise_key"] == key and s["rule_code"] != rule]
                if red and (tied := rng.choice(red)["triggered_at"] - 90 * DAY) > time:
                    time = tied
    signals = [s for s in signals if s["triggered_at"] < AS_OF_END]
    return [s | {"was_active": s["triggered_at"] < s["expires_at"]} for s in signals]


def merged(periods) -> list[tuple[datetime, datetime]]:
    """Union of periods; those that touch are one."""
    found: list[list[datetime]] = []
    for begin, end in sorted(periods):
        if found and begin <= found[-1][1]:
            found[-1][1] = max(found[-1][1], end)
        else:
            found.append([begin, end])
    return [(begin, end) for begin, end in found]


class Inputs:
    """The relations that the laboratory reads, in a warehouse of their own."""

    def __init__(self, seed: int, n: int, rules=RULES, **options) -> None:
        self.rng = random.Random(seed)
        self.keys = [f"k{number:03d}" for number in range(n)]
        self.signals = [s for s in draw_signals(self.rng, self.keys) if s["rule_code"] in rules]
        self.rules = rules
        self.has_repairs = options.get("has_repairs", True)
        self.capital = {
            key: options.get("capital", CAPITALS[number % len(CAPITALS)])
            for number, key in enumerate(self.keys)
        }
        self.province = {
            key: options.get("provinces", ["11", "12", "13", "14"])[number % 4]
            for number, key in enumerate(self.keys)
        }
        self.observe()

    def observe(self) -> None:
        """Derive the warnings from the signals, and have some of them end by a repair."""
        self.by_key = defaultdict(list)
        for drawn in self.signals:
            if drawn["was_active"]:
                self.by_key[drawn["enterprise_key"]].append(drawn)
        self.warnings = [
            {
                "enterprise_key": key,
                "level": level,
                "opened_at": opened,
                "closed_at": None if closed >= AS_OF_END else closed,
            }
            for key, level in itertools.product(self.keys, LEVELS)
            for opened, closed in self.periods(key, level, LIVE)
        ]
        closed = [w for w in self.warnings if w["closed_at"] and w["level"] != "red"]
        self.repairs = [
            {
                "enterprise_key": warning["enterprise_key"],
                "decision_recorded_at": warning["closed_at"],
                "has_repaired": self.rng.random() < 0.8,
            }
            for warning in self.rng.sample(closed, len(closed) // 3)
            if self.has_repairs
        ]

    def periods(self, key: str, level: str, rules) -> list[tuple[datetime, datetime]]:
        return merged(
            (s["triggered_at"], s["expires_at"])
            for s in self.by_key[key]
            if s["level"] == level and s["rule_code"] in rules
        )

    def active_periods(self) -> list[dict]:
        return [
            {
                "enterprise_key": key,
                "level_rank": rank,
                "period_number": number,
                "opened_at": opened,
                "expires_at": expires,
            }
            for key, (level, rank) in itertools.product(self.keys, LEVELS.items())
            for number, (opened, expires) in enumerate(self.periods(key, level, LIVE), 1)
        ]

    def others(self, rule: str) -> list[str]:
        """Live rules that a rule is compared with."""
        return [other for other in LIVE if other not in (rule, self.rules[rule][2])]

    def reds(self, key: str, rule: str) -> list[tuple[datetime, datetime]]:
        return self.periods(key, "red", self.others(rule))

    def write(self, path) -> None:
        rules = [
            {"rule_code": rule, "level": level, "is_trial": is_trial, "replaces": replaces}
            for rule, (level, is_trial, replaces) in self.rules.items()
        ]
        enterprises = [
            {
                "enterprise_key": key,
                "province_code": self.province[key],
                "registered_capital": self.capital[key],
                "data_origin": "user",
            }
            for key in self.keys
        ]
        regions = [
            {
                "province_code": code,
                "data_origin": "user",
                "is_published": code not in ("13", "14"),
                "is_listed": True,
            }
            for code in sorted(set(self.province.values()))
        ]
        tables = {
            "intermediate.int_warnings__signals": self.signals,
            "intermediate.int_warnings__rules": rules,
            "intermediate.int_warnings__levels": [
                {"level": level, "level_rank": rank} for level, rank in LEVELS.items()
            ],
            "intermediate.int_warnings__as_of": [{"as_of": AS_OF}],
            "intermediate.int_warnings__repairs": self.repairs,
            "restricted.int_warnings__enterprises": enterprises,
            "restricted.int_warnings__regions": regions,
            "intermediate.int_warnings__active_periods": self.active_periods(),
        }
        with duckdb.connect(str(path)) as connection:
            for name, table in tables.items():
                connection.execute(f"create schema if not exists {name.split('.')[0]}")
                frame = pd.DataFrame(table, columns=None if table else EMPTY)
                for column in frame.columns[frame.columns.str.endswith("_at")]:
                    frame[column] = pd.to_datetime(frame[column])
                connection.register("frame", frame)
                connection.execute(f"create table {name} as from frame")
            # Columns of which all values are NULL, and dates.
            connection.execute(
                "alter table intermediate.int_warnings__rules alter replaces type varchar;"
                "alter table intermediate.int_warnings__as_of alter as_of type date"
            )


class Laboratory:
    """Marts of the laboratory, built from drawn inputs."""

    def __init__(self, runner, folder, inputs: Inputs, **variables) -> None:
        self.path = folder / "credit_indices.duckdb"
        inputs.write(self.path)
        built = runner.run(self.path, runner.select(*LABORATORY), **variables)
        assert built.succeeded, built.message

    def rows(self, sql: str) -> list[dict]:
        with duckdb.connect(str(self.path), read_only=True) as connection:
            return connection.execute(sql).to_arrow_table().to_pylist()


@pytest.fixture(scope="module")
def inputs():
    return Inputs(5, 90)


@pytest.fixture(scope="module")
def laboratory(runner, inputs, tmp_path_factory):
    folder = tmp_path_factory.mktemp("laboratory")
    return Laboratory(runner, folder, inputs, smallest_cell=1)


# Rules -------------------------------------------------------------------------------------------


def months(inputs) -> list[tuple[str, datetime, datetime]]:
    """Months from the first signal of a live rule; the last one ends with as_of."""
    first = min(
        s["triggered_at"] for s in inputs.signals if s["was_active"] and s["rule_code"] in LIVE
    )
    begin, found = datetime(first.year, first.month, 1), []
    while begin < AS_OF_END:
        end = datetime(begin.year + begin.month // 12, begin.month % 12 + 1, 1)
        found.append((f"{begin:%Y-%m}", begin, min(end, AS_OF_END)))
        begin = end
    return found


def base_rates(inputs, rule: str) -> dict[str, float | None]:
    """Count hours one by one."""
    spans = months(inputs)
    hours = int((AS_OF_END - 90 * DAY - spans[0][1]) / HOUR)
    evaluated, before_red = np.zeros(hours, int), np.zeros(hours, int)
    for key in inputs.keys:
        is_red, is_before = np.zeros(hours, bool), np.zeros(hours, bool)
        for opened, expires in inputs.reds(key, rule):
            at, until = (int((t - spans[0][1]) / HOUR) for t in (opened, expires))
            is_red[at:until] = True
            is_before[max(at - 90 * 24, 0) : at] = True
        evaluated += ~is_red
        before_red += is_before & ~is_red
    found = {}
    for name, begin, end in [*spans, ("all", spans[0][1], AS_OF_END)]:
        at, until = (int((t - spans[0][1]) / HOUR) for t in (begin, end))
        n = evaluated[at:until].sum()
        found[name] = before_red[at:until].sum() / n if n else None
    return found


def expected_performance(inputs, rule: str) -> dict[str, dict]:
    spans = months(inputs)
    found = {
        name: defaultdict(int) | {"enterprises": set()} for name in [s[0] for s in spans] + ["all"]
    }

    def add(time, column, n=1):
        name = next(name for name, begin, end in spans if begin <= time < end)
        found[name][column] += n
        found["all"][column] += n

    level = inputs.rules[rule][0]
    for key in inputs.keys:
        own = sorted(
            (s for s in inputs.by_key[key] if s["rule_code"] == rule),
            key=lambda s: (s["triggered_at"], s["signal_number"]),
        )
        others = [s for s in inputs.by_key[key] if s["rule_code"] in inputs.others(rule)]
        for number, signal in enumerate(own):
            t, end = signal["triggered_at"], signal["expires_at"]
            if t < spans[0][1]:
                continue
            add(t, "signals")
            for name in (f"{t:%Y-%m}", "all"):
                found[name]["enterprises"].add(key)
            during = [s for s in others if s["triggered_at"] < end and s["expires_at"] > t]
            add(t, "overlapping", any(s["level"] == level for s in during))
            add(t, "only_this", not during)
            add(t, "flapping", number > 0 and t - own[number - 1]["expires_at"] <= 7 * DAY)
            reds = inputs.reds(key, rule)
            if t + 90 * DAY > AS_OF_END:
                add(t, "n_not_followed")
            elif any(opened <= t < expires for opened, expires in reds):
                add(t, "n_already_red")
            else:
                add(t, "n_evaluated")
                add(t, "red_within_90", any(t < opened <= t + 90 * DAY for opened, _ in reds))
        for opened, _ in inputs.reds(key, rule):
            if opened < spans[0][1] + 90 * DAY:
                continue
            before = {
                s["rule_code"]
                for s in inputs.by_key[key]
                if opened - 90 * DAY <= s["triggered_at"] < opened
            }
            add(opened, "n_reds")
            add(opened, "n_reds_preceded", rule in before)
            add(opened, "n_reds_only_this", before & {rule, *inputs.others(rule)} == {rule})
    return found


def ratio(first, second):
    return first / second if second else None


@pytest.mark.parametrize("rule", RULES)
def test_performance_equals_brute_force(inputs, laboratory, rule):
    rows = {
        row["month"]: row
        for row in laboratory.rows(f"from marts.rule_performance where rule_code = '{rule}'")
    }
    expected, rates = expected_performance(inputs, rule), base_rates(inputs, rule)
    assert rows.keys() == expected.keys()
    weeks = {name: (end - begin) / DAY / 7 for name, begin, end in months(inputs)}
    weeks["all"] = sum(weeks.values())
    counts = ("signals", "n_not_followed", "n_already_red", "n_evaluated", "red_within_90")
    counts += ("n_reds", "n_reds_preceded", "n_reds_only_this", "only_this", "flapping")
    for name, row in rows.items():
        there = expected[name]
        assert {count: row[count] for count in counts} == {count: there[count] for count in counts}
        assert row["enterprises"] == len(there["enterprises"])
        precision = ratio(there["red_within_90"], there["n_evaluated"])
        values = {
            "alerts_per_1000_weekly": 1000 * there["signals"] / len(inputs.keys) / weeks[name],
            "precision": precision,
            "base_rate": rates[name],
            "lift": None if precision is None else ratio(precision, rates[name]),
            "recall": ratio(there["n_reds_preceded"], there["n_reds"]),
            "overlap": ratio(there["overlapping"], there["signals"]),
        }
        for column, value in values.items():
            assert row[column] == (None if value is None else pytest.approx(value, rel=1e-9)), (
                name,
                column,
            )
    whole = expected["all"]
    if rule != "silent":
        assert 0 < whole["red_within_90"] < whole["n_evaluated"]
        assert min(whole[count] for count in counts) > 0
    assert whole["signals"] == sum(
        whole[count] for count in ("n_not_followed", "n_already_red", "n_evaluated")
    )


def test_overlap_equals_brute_force(inputs, laboratory):
    rows = laboratory.rows("from marts.rule_overlap")
    assert len(rows) == sum(len(inputs.others(rule)) for rule in RULES)
    since = months(inputs)[0][1]
    for row in rows:
        n_signals = overlapping = 0
        for key in inputs.keys:
            first, second = (
                [s for s in inputs.by_key[key] if s["rule_code"] == rule]
                for rule in (row["rule_a"], row["rule_b"])
            )
            first = [s for s in first if s["triggered_at"] >= since]
            n_signals += len(first)
            overlapping += sum(
                any(
                    a["triggered_at"] < b["expires_at"] and b["triggered_at"] < a["expires_at"]
                    for b in second
                )
                for a in first
            )
        assert (row["signals_a"], row["overlapping"]) == (n_signals, overlapping)
        assert row["share"] == (pytest.approx(overlapping / n_signals) if n_signals else None)


def test_trials_change_no_live_rule(runner, inputs, laboratory, tmp_path):
    live = {rule: values for rule, values in RULES.items() if rule in LIVE}
    alone = Laboratory(runner, tmp_path, Inputs(5, 90, live), smallest_cell=1)
    sql = "from marts.rule_performance where not is_trial order by rule_code, month"
    assert alone.rows(sql) == laboratory.rows(sql)
    sql = "from marts.rule_overlap where rule_a in (select rule_code from marts.rule_performance"
    sql += " where not is_trial) order by all"
    assert alone.rows(sql) == laboratory.rows(sql)
    assert alone.rows("from marts.rule_trials") == []


def test_without_another_red_rule_there_is_no_outcome(runner, tmp_path):
    rules = {rule: RULES[rule] for rule in ("tax", "breach")}
    laboratory = Laboratory(runner, tmp_path, Inputs(1, 20, rules))
    (row,) = laboratory.rows(
        "from marts.rule_performance where rule_code = 'breach' and month = 'all'"
    )
    assert row["signals"] > 0
    empty = "n_not_followed n_already_red n_evaluated red_within_90 precision base_rate lift"
    empty += " n_reds n_reds_preceded n_reds_only_this recall"
    assert {row[column] for column in empty.split()} == {None}


# Survival ----------------------------------------------------------------------------------------


def followed(inputs, level: str, days) -> list[tuple[str, int, int]]:
    """Enterprise, day and outcome (0 censored) of every warning; ends are seen on `days` only."""
    found = []
    for warning in inputs.warnings:
        key, opened = warning["enterprise_key"], warning["opened_at"]
        closed = warning["closed_at"] or datetime.max
        reds = [w for w in inputs.warnings if w["enterprise_key"] == key and w["level"] == "red"]
        if warning["level"] != level or any(
            red["opened_at"] <= opened < (red["closed_at"] or datetime.max) for red in reds
        ):
            continue
        red_at = min(
            (red["opened_at"] for red in reds if opened < red["opened_at"] <= closed), default=None
        )
        is_repaired = any(
            repair["enterprise_key"] == key
            and repair["has_repaired"]
            and repair["decision_recorded_at"] == closed
            for repair in inputs.repairs
        )
        end, outcome = (red_at, 1) if red_at else (closed, 2 if is_repaired else 3)
        whole = [day for day in days if opened + day * DAY <= AS_OF_END]
        seen = [day for day in whole if opened + day * DAY >= end] if end != datetime.max else []
        found.append((key, *((seen[0], outcome) if seen else (whole[-1] if whole else 0, 0))))
    return found


def check_curve(rows: list[dict], cases: list[tuple[int, int]]) -> int:
    """Compare the rows of a level and group with statsmodels."""
    time, status = (np.array(values) for values in zip(*cases, strict=True))
    with np.errstate(divide="ignore", invalid="ignore"):  # after the last subject
        theirs = CumIncidenceRight(time, status)
    compared = 0
    for row in rows:
        number = ("red", "repair", "closure").index(row["outcome"])
        day = row["day"]
        assert row["n_at_risk"] == (time >= day).sum()
        assert row["n_events"] == ((time == day) & (status == number + 1)).sum()
        place = np.searchsorted(theirs.times, day, side="right") - 1
        if day > time.max() or place < 0:
            continue
        estimate, se = theirs.cinc[number][place], theirs.cinc_se[number][place]
        assert row["incidence"] == pytest.approx(estimate, abs=1e-9)
        km = SurvfuncRight(time, (status == number + 1).astype(int))
        at = np.searchsorted(km.surv_times, day, side="right") - 1
        if row["km"] is not None:
            assert row["km"] == pytest.approx(0 if at < 0 else 1 - km.surv_prob[at], abs=1e-9)
        if 1e-9 < estimate < 1 and np.isfinite(se):
            power = np.exp(1.959964 * se / (estimate * np.log(estimate)) * np.array([-1, 1]))
            assert_allclose([row["ci_low"], row["ci_high"]], estimate**power, rtol=1e-5)
            compared += 1
    return compared


@pytest.mark.parametrize("level", ["yellow", "orange"])
def test_survival_equals_statsmodels(inputs, laboratory, level):
    sql = f"from marts.warning_survival where from_level = '{level}' and"
    cases = [case[1:] for case in followed(inputs, level, range(1, 366))]
    rows = laboratory.rows(f"{sql} \"grouping\" = 'all'")
    assert {case[1] for case in cases} == {0, 1, 2, 3}
    assert {0, 90, 180, 270, 365} <= {row["day"] for row in rows}
    assert check_curve(rows, cases) > 100
    periods = followed(inputs, level, [90, 180, 270, 365])
    for grouping, groups in (("capital", inputs.capital), ("province", inputs.province)):
        shown = laboratory.rows(f"{sql} \"grouping\" = '{grouping}' and not is_suppressed")
        names = {row["group_name"] for row in shown}
        assert len(names) == (5 if grouping == "capital" else 2)
        for name in names:
            keys = {key for key, group in groups.items() if class_of(group) == name}
            rows = [row for row in shown if row["group_name"] == name]
            assert sorted({row["day"] for row in rows}) == [0, 90, 180, 270, 365]
            cases = [case[1:] for case in periods if case[0] in keys]
            assert check_curve(rows, cases) > 0


def class_of(group) -> str:
    """Size class of a capital; a province is its own group."""
    if isinstance(group, str):
        return group
    if group is None:
        return "unknown"
    bounds = {1e6: "under 1 million", 1e7: "1 to 10 million", 1e8: "10 to 100 million"}
    return next((name for high, name in bounds.items() if group < high), "100 million and above")


# Suppression -------------------------------------------------------------------------------------


def signal(key: str, rule: str, begin: float, end: float, number: int = 1) -> dict:
    """An active signal, from one day to another after 1 February 2020."""
    level = RULES[rule][0]
    first = datetime(2020, 2, 1)
    return {
        "enterprise_key": key,
        "rule_code": rule,
        "level": level,
        "level_rank": LEVELS[level],
        "signal_number": number,
        "triggered_at": first + begin * DAY,
        "expires_at": first + end * DAY,
        "was_active": True,
    }


HISTORIES = (
    [[("tax", 10, 80), ("breach", 40, 90)]] * 8
    + [[("tax", 20, 90)]] * 7
    + [[("tax", 470, 600)]] * 6
    + [[]] * 9
)


@pytest.fixture(scope="module")
def hidden(runner, tmp_path_factory):
    """Three classes of capital with many warnings of each outcome, and one of a single warning."""
    inputs = Inputs(0, 181, has_repairs=False)
    inputs.signals = []
    for number, key in enumerate(inputs.keys):
        history = HISTORIES[number % 30] if number else [("tax", 30, 95)]
        inputs.signals += [signal(key, *of_rule) for of_rule in history]
        of_class = 0 if number <= 90 else 1 if number <= 150 else 2
        inputs.capital[key] = [5e5, 2e6, 3e7][of_class] if number else 2e8
        inputs.province[key] = "11" if number <= 90 else "12"
    inputs.observe()
    return inputs, Laboratory(runner, tmp_path_factory.mktemp("hidden"), inputs)


def test_single_small_group_takes_a_second_one_with_it(hidden):
    inputs, laboratory = hidden
    shown = laboratory.rows(
        'select distinct "grouping", group_name, is_suppressed from marts.warning_survival '
        "where \"grouping\" <> 'all'"
    )
    sizes = defaultdict(int)
    for capital in inputs.capital.values():
        sizes[class_of(capital)] += 1
    suppressed = {r["group_name"] for r in shown if r["is_suppressed"]}
    smallest = sorted(sizes, key=lambda name: (sizes[name], name))[:2]
    assert smallest[0] == "100 million and above"
    assert suppressed == set(smallest)
    assert {r["group_name"] for r in shown} == {*sizes, "11", "12"}


def test_published_counts_are_of_enough_enterprises(hidden):
    inputs, laboratory = hidden
    for grouping, groups in (("capital", inputs.capital), ("province", inputs.province)):
        cells = defaultdict(set)
        for level in ("yellow", "orange"):
            for key, day, outcome in followed(inputs, level, [90, 180, 270, 365]):
                cells[class_of(groups[key]), level, day, outcome].add(key)
        shown = {
            row["group_name"]
            for row in laboratory.rows(
                "from marts.warning_survival where not is_suppressed and "
                f"\"grouping\" = '{grouping}'"
            )
        }
        assert shown
        assert min(len(keys) for cell, keys in cells.items() if cell[0] in shown) >= 5


def test_suppressed_rows_have_no_values(hidden):
    rows = hidden[1].rows("from marts.warning_survival where is_suppressed")
    values = ("n_at_risk", "n_events", "incidence", "ci_low", "ci_high", "km")
    assert {row[value] for row in rows for value in values} == {None}
    # The rows do not depend on what happened.
    assert len(rows) == 2 * 2 * 3 * 5  # two groups, levels, three outcomes, five days


def test_only_group_is_not_named_if_it_is_small(runner, tmp_path):
    inputs = Inputs(3, 4, capital=5e5, provinces=["11"] * 4)
    laboratory = Laboratory(runner, tmp_path, inputs)
    assert laboratory.rows('select distinct "grouping" from marts.warning_survival') == [
        {"grouping": "all"}
    ]


def is_spanned(basis, form) -> bool:
    return np.linalg.norm(form - basis.T @ (basis @ form)) < 1e-7


def test_no_suppressed_survival_can_be_derived(hidden):
    """A reader knows what happened to every key, but not its class."""
    inputs, laboratory = hidden
    suppressed = {
        row["group_name"]
        for row in laboratory.rows(
            "from marts.warning_survival where is_suppressed and \"grouping\" = 'capital'"
        )
    }
    names = sorted({class_of(capital) for capital in inputs.capital.values()})
    forms = defaultdict(lambda: np.zeros(len(inputs.keys)))
    for level in ("yellow", "orange"):
        for key, day, outcome in followed(inputs, level, [90, 180, 270, 365]):
            forms[level, day, outcome][inputs.keys.index(key)] += 1
    # Columns that are equal for two enterprises cannot tell them apart, so one of each is enough.
    of_keys = np.unique(np.array(list(forms.values())).T, axis=0)
    width = len(of_keys)

    def vector(name, weights):
        whole = np.zeros((len(names), width))
        whole[names.index(name)] = weights
        return whole.ravel()

    def derivable(hidden_names) -> set[str]:
        """Groups with a value in the span of the published ones and of one class per enterprise."""
        known = [np.tile(unit, len(names)) for unit in np.eye(width)]
        known += [
            vector(name, form) for name in names if name not in hidden_names for form in of_keys.T
        ]
        _, sizes, basis = np.linalg.svd(np.array(known), full_matrices=False)
        basis = basis[sizes > 1e-9]
        return {
            name
            for name, form in itertools.product(hidden_names, of_keys.T)
            if is_spanned(basis, vector(name, form))
        }

    assert len(suppressed) == 2
    assert derivable(suppressed) == set()
    # With the second one published, the first is the total minus the others.
    assert derivable({"100 million and above"}) == {"100 million and above"}


# Trials ------------------------------------------------------------------------------------------


def expected_trial(inputs, rule: str, level: str) -> dict:
    replaces = inputs.rules[rule][2]
    with_trial = [other for other in LIVE if other != replaces] + [rule]
    found, earlier, later = defaultdict(int), [], []
    for key in inputs.keys:
        live = inputs.periods(key, level, LIVE)
        trial = inputs.periods(key, level, with_trial)
        found["alerts_live"] += len(live)
        found["alerts_trial"] += len(trial)
        matches = []  # sets of alerts that overlap one another
        for alert in [(*p, "live") for p in live] + [(*p, "trial") for p in trial]:
            touched = [m for m in matches if any(a[0] < alert[1] and alert[0] < a[1] for a in m)]
            matches = [m for m in matches if m not in touched] + [sum(touched, [alert])]
        for match in matches:
            first = {
                name: min((begin for begin, _, of in match if of == name), default=None)
                for name in ("live", "trial")
            }
            if first["live"] is None:
                found["gained"] += 1
                t = first["trial"]
                reds = inputs.reds(key, rule)
                if t + 90 * DAY <= AS_OF_END and not any(a <= t < b for a, b in reds):
                    found["n_evaluated"] += 1
                    found["red_within_90"] += any(t < a <= t + 90 * DAY for a, _ in reds)
            elif first["trial"] is None:
                found["lost"] += 1
            else:
                days = (first["live"] - first["trial"]) / DAY
                found["earlier"] += days > 0
                found["later"] += days < 0
                found["unchanged"] += days == 0
                (earlier if days > 0 else later).append(abs(days))
    later = [days for days in later if days]
    return found | {
        "median_days_earlier": np.median(earlier) if earlier else None,
        "median_days_later": np.median(later) if later else None,
        "precision_gained": ratio(found["red_within_90"], found["n_evaluated"]),
    }


def test_trials_equal_brute_force(inputs, laboratory):
    rows = {
        (row["rule_code"], row["level"]): row for row in laboratory.rows("from marts.rule_trials")
    }
    assert sorted(rows) == [
        ("added", "yellow"),
        ("red_trial", "red"),
        ("silent", "yellow"),
        ("suit_lower", "orange"),
        ("suit_lower", "yellow"),
        ("suit_twice", "orange"),
    ]
    columns = ("alerts_live", "alerts_trial", "gained", "lost", "earlier", "later", "unchanged")
    columns += ("n_evaluated", "red_within_90")
    totals = defaultdict(int)
    for (rule, level), row in rows.items():
        expected = expected_trial(inputs, rule, level)
        assert row["replaces"] == RULES[rule][2]
        for column in columns:
            assert row[column] == expected[column], (rule, level, column)
            totals[column] += row[column]
        for column in ("median_days_earlier", "median_days_later", "precision_gained"):
            value = expected[column]
            assert row[column] == (None if value is None else pytest.approx(value)), (rule, column)
    assert min(totals.values()) > 0


def test_one_trial_by_hand(runner, tmp_path):
    # Live: day 0 to 30. Trial in its place: day 10 to 40, later by 10 days; and day 100 to 110,
    # gained, 90 days before red on day 190, so it counts.
    inputs = Inputs(0, 1, {rule: RULES[rule] for rule in ("suit", "breach", "suit_twice")})
    inputs.signals = [
        signal("k000", "suit", 0, 30),
        signal("k000", "suit_twice", 10, 40),
        signal("k000", "suit_twice", 100, 110, 2),
        signal("k000", "breach", 190, 200),
    ]
    inputs.observe()
    laboratory = Laboratory(runner, tmp_path, inputs)
    (row,) = laboratory.rows("from marts.rule_trials")
    assert row == {
        "rule_code": "suit_twice",
        "level": "orange",
        "replaces": "suit",
        "alerts_live": 1,
        "alerts_trial": 2,
        "gained": 1,
        "lost": 0,
        "earlier": 0,
        "later": 1,
        "unchanged": 0,
        "median_days_earlier": None,
        "median_days_later": 10.0,
        "n_evaluated": 1,
        "red_within_90": 1,
        "precision_gained": 1.0,
        "data_origin": "user",
    }


PAGE = (PROJECT / "docs" / "methods" / "rule_laboratory.md").read_text(encoding="utf-8")
RESULTS = re.findall(r"(?ms)^```sql\n(.*?)^```\n\n(\|.*?)\n\n", PAGE)


@pytest.mark.parametrize(("query", "printed"), RESULTS)
def test_documented_results_are_those_of_the_shipped_data(query, printed, shipped):
    with duckdb.connect(str(shipped.warehouse), read_only=True) as connection:
        answer = connection.execute(query)
        table = [[name for name, *_ in answer.description], *answer.fetchall()]

    def text(value) -> str:
        return "" if value is None else f"{value:g}" if isinstance(value, float) else str(value)

    head, _, *body = printed.splitlines()
    lines = ["| " + " | ".join(map(text, row)) + " |" for row in table]
    assert lines == [head, *body]


def test_outcomes_in_python_are_those_of_the_list(runner):
    listed = runner.rendered("{{ allowed_values('warning_survival.outcome') | join(' ') }}")
    assert tuple(listed.split()) == survival.OUTCOMES
