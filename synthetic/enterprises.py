"""Synthetic seeds of the early warning: enterprises, consents and events.

No enterprise, event or consent here is real. The codes belong to the administrative division
000000, which does not exist (GB/T 2260), so none is a real firm's; their check characters are
valid. From the project's root:

    python -m synthetic.enterprises     writes seeds/enterprises/synthetic_*.csv

The data cover 2019 to 2021 and 300 enterprises in 31 provinces. Most are healthy: ordinary capital
flows and rare isolated events. About a third decline once, from unpaid taxes through lawsuits to a
breach of trust; the gaps in between are random, not chosen to fit a claim. Some of these rectify
and apply for the repair of their record. Rates and gaps were chosen by us. Most events are recorded
within a day, some weeks later.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pandas as pd

from credit_indices.pipeline.enterprise_codes import ALPHABET, check_character
from synthetic.provinces import PROVINCES, random_stream

N_ENTERPRISES = 300
START, END = datetime(2019, 1, 1), datetime(2022, 1, 1)
INDUSTRIES = ("manufacturing", "wholesale and retail", "construction", "software", "transport")
DATA_CLASSES = ("tax", "transactions", "judicial", "opinion", "ownership", "repair")
USES = {"credit": 0.94, "coverage": 0.85, "ratings": 0.92}
"""Share of the enterprises that consent, by class of data besides those of the events."""
COLUMNS = [
    "event_id",
    "enterprise_id",
    "occurred_at",
    "recorded_at",
    "event_type",
    "role",
    "amount",
    "ratio",
    "count",
    "result",
    "note",
    "warning",
    "owner",
    "snoozed_until",
]


def enterprises(units: pd.DataFrame) -> pd.DataFrame:
    """Generate the enterprises.

    Args:
        units: The catalog of units; cities are those with ids of four digits.

    Returns:
        A row per enterprise: enterprise_id, name, province_code, city, industry,
        registered_capital and exposure in yuan.

    """
    rng = random_stream("enterprises")
    rows = []
    for number in range(1, N_ENTERPRISES + 1):
        province = str(PROVINCES[(number - 1) % len(PROVINCES)])
        cities = units.loc[units.unit_id.str.fullmatch(province + "[0-9]{2}"), "name_en"]
        city = cities.iloc[rng.integers(len(cities))] if len(cities) else None
        organisation = "".join(ALPHABET[i] for i in rng.integers(31, size=9))
        body = "91000000" + organisation
        rows.append(
            {
                "enterprise_id": body + check_character(body),
                "name": f"合成企业{number:03d} (synthetic enterprise {number:03d})",
                "province_code": province,
                "city": city or units.set_index("unit_id").name_en[province],
                "industry": INDUSTRIES[rng.integers(len(INDUSTRIES))],
                "registered_capital": int(10 ** rng.uniform(5.7, 8) // 1e5 * 1e5),
            }
        )
    table = pd.DataFrame(rows)
    table["exposure"] = exposures(table)
    return table


def exposures(table: pd.DataFrame) -> pd.Series:
    """Generate loan balances in yuan, a share of the registered capital; a sixth have no loan."""
    rng = random_stream("enterprise exposures")
    share = rng.uniform(0.02, 0.9, len(table)) * (rng.random(len(table)) > 1 / 6)
    return (table.registered_capital * share // 10_000 * 10_000).astype(int)


def consents(table: pd.DataFrame) -> pd.DataFrame:
    """Generate consents by enterprise and class of data: nearly all, some of them withdrawn."""
    rng = random_stream("enterprise consents")
    rows = []
    for enterprise in table.enterprise_id:
        for data_class in DATA_CLASSES:
            if rng.random() < 0.03:
                continue
            withdrawn = START + timedelta(days=int(rng.integers(200, 1000)))
            rows.append(
                {
                    "enterprise_id": enterprise,
                    "data_class": data_class,
                    "granted_at": datetime(2018, 12, 1, 9),
                    "withdrawn_at": withdrawn if rng.random() < 0.02 else None,
                }
            )
    return pd.DataFrame(rows)


def consents_to(use: str, share: float, table: pd.DataFrame) -> pd.DataFrame:
    """Generate consents to a use besides warnings: most, some given late, some withdrawn.

    Args:
        use: The class of data of the consents.
        share: Share of the enterprises that consent.
        table: The enterprises.

    """
    rng = random_stream(f"enterprise consents, {use}")
    n = len(table)
    given, late, ended = rng.random(n) < share, rng.random(n) < 0.1, rng.random(n) < 0.08
    granted = datetime(2018, 12, 1, 9) + pd.to_timedelta(late * rng.integers(60, 200, n), "D")
    withdrawn = START + pd.to_timedelta(rng.integers(200, 360, n), "D")
    return pd.DataFrame(
        {
            "enterprise_id": table.enterprise_id,
            "data_class": use,
            "granted_at": granted,
            "withdrawn_at": withdrawn.where(ended),
        }
    )[given]


def register_days(table: pd.DataFrame, found: pd.DataFrame) -> pd.DataFrame:
    """Add the days of registration, before 2018-12, and of closure, after the last event.

    Args:
        table: The enterprises.
        found: Their events.

    Returns:
        The enterprises with registered_on and, for about a tenth of them, closed_on.

    """
    rng = random_stream("days in the register")
    n = len(table)
    registered = np.datetime64("2018-11-30") - rng.integers(0, 15 * 365, n)
    closed = pd.Series(np.datetime64("2021-03-01") + rng.integers(0, 290, n), table.index)
    last = table.enterprise_id.map(found.groupby("enterprise_id").recorded_at.max())
    is_closed = (rng.random(n) < 0.3) & ~(last >= closed).to_numpy()
    return table.assign(
        registered_on=registered.astype(str),
        closed_on=closed.dt.strftime("%Y-%m-%d").where(is_closed),
    )


def link_consents(table: pd.DataFrame) -> pd.DataFrame:
    """Generate consents to the use of links between enterprises: most, some given late."""
    rng = random_stream("enterprise consents, links")
    n = len(table)
    given, late = rng.random(n) < 0.97, rng.random(n) < 0.05
    granted = datetime(2018, 12, 1, 9) + pd.to_timedelta(late * rng.integers(60, 400, n), "D")
    return pd.DataFrame(
        {
            "enterprise_id": table.enterprise_id,
            "data_class": "links",
            "granted_at": granted,
            "withdrawn_at": None,
        }
    )[given]


def events(table: pd.DataFrame) -> pd.DataFrame:
    """Generate the events in the order of recording; columns as in `COLUMNS`."""
    found: list[dict] = []
    for row in table.itertuples():
        rng = random_stream(f"events of {row.enterprise_id}")
        history = _History(rng, row.enterprise_id, row.registered_capital)
        history.healthy()
        if rng.random() < 0.35:
            history.slide()
        found += history.events
    frame = pd.DataFrame(found, columns=COLUMNS[1:])
    frame = frame[(frame.recorded_at < END)].sort_values(
        ["recorded_at", "enterprise_id", "event_type"], kind="stable"
    )
    frame.insert(0, "event_id", [f"S{number:05d}" for number in range(1, len(frame) + 1)])
    return frame


class _History:
    """One enterprise's events."""

    def __init__(self, rng: np.random.Generator, enterprise_id: str, capital: float) -> None:
        self.rng, self.enterprise_id, self.capital = rng, enterprise_id, capital
        self.events: list[dict] = []

    def add(self, when: datetime, event_type: str, **cells: object) -> datetime:
        """Add an event; return the time of recording."""
        kind = self.rng.choice(3, p=[0.85, 0.12, 0.03])
        hours = (
            self.rng.uniform(0.2, 22)
            if kind == 0
            else self.rng.uniform(24, 120)
            if kind == 1
            else self.rng.uniform(200, 1400)
        )
        recorded = when + timedelta(minutes=int(60 * hours))
        base = {"enterprise_id": self.enterprise_id, "occurred_at": when, "recorded_at": recorded}
        self.events.append(base | {"event_type": event_type, "note": "synthetic"} | cells)
        return recorded

    def moment(self, earliest: datetime, days: float) -> datetime:
        """Draw a time in working hours within `days` after another."""
        day = (earliest + timedelta(days=self.rng.uniform(0, days))).date()
        minutes = int(self.rng.integers(9 * 60, 18 * 60))
        return max(
            datetime(day.year, day.month, day.day) + timedelta(minutes=minutes),
            earliest + timedelta(minutes=5),
        )

    def flow(self, when: datetime, share: float) -> datetime:
        return self.add(when, "capital_flow", amount=round(share * self.capital, 2))

    def healthy(self) -> None:
        """Add ordinary flows and isolated events of a healthy firm."""
        span = (END - START).days
        for _ in range(self.rng.poisson(7)):
            self.flow(self.moment(START, span), float(self.rng.lognormal(-3, 0.6)))
        for event_type, rate, cells in (
            ("negative_opinion", 0.7, {}),
            ("equity_change", 0.8, {}),
            ("lawsuit", 0.5, {"role": "plaintiff"}),
            ("lawsuit", 0.1, {"role": "defendant"}),
            ("tax_overdue", 0.08, {}),
        ):
            for _ in range(self.rng.poisson(rate)):
                self.add(self.moment(START, span), event_type, **cells)
        for _ in range(self.rng.poisson(0.6)):
            ratio = round(float(self.rng.beta(1.2, 25)), 4)
            self.add(self.moment(START, span), "tax_underpayment", ratio=ratio)
        for year in (2019, 2020, 2021):
            if self.rng.random() < 0.4:
                ratio = round(float(self.rng.beta(2, 14)), 4)
                self.add(self.moment(datetime(year, 4, 1), 28), "related_party_share", ratio=ratio)

    def slide(self) -> None:
        """Add a decline: taxes, opinion, ownership, lawsuits, breach of trust, perhaps repair."""
        begin = self.moment(START + timedelta(days=60), 1000)
        for period in range(int(self.rng.integers(0, 5))):
            recorded = self.add(begin + timedelta(days=30 * period), "tax_overdue")
            self.response(recorded)
        if self.rng.random() < 0.4:
            ratio = round(float(self.rng.uniform(0.05, 0.4)), 4)
            self.add(self.moment(begin, 60), "tax_underpayment", ratio=ratio)
        if self.rng.random() < 0.4:
            bad_press = self.moment(begin, 90)
            for _ in range(int(self.rng.integers(2, 6))):
                self.add(self.moment(bad_press, 8), "negative_opinion")
        if self.rng.random() < 0.3:
            change = self.moment(begin, 60)
            for _ in range(int(self.rng.integers(2, 5))):
                self.add(self.moment(change, 80), "equity_change")
        if self.rng.random() < 0.3:
            ratio = round(float(self.rng.uniform(0.2, 0.6)), 4)
            self.response(self.add(self.moment(begin, 90), "related_party_share", ratio=ratio))
        if self.rng.random() < 0.25:
            day = self.moment(begin, 120)
            for _ in range(int(self.rng.integers(1, 4))):
                recorded = self.flow(day + timedelta(minutes=int(self.rng.integers(200))), 0.4)
            self.response(recorded)
        last = begin
        for _ in range(self.rng.poisson(1.2)):
            last = self.moment(begin + timedelta(days=20), 120)
            amount = round(float(self.rng.lognormal(12, 1)), 2)
            self.response(self.add(last, "lawsuit", role="defendant", amount=amount))
        if self.rng.random() < 0.5:
            last = self.moment(max(begin, last) + timedelta(days=10), 150)
            self.response(self.add(last, "breach_execution"))
        if self.rng.random() < 0.6:
            self.repair(last)

    def response(self, recorded: datetime) -> None:
        """In most cases, record the bank's response that the level requires."""
        if self.rng.random() < 0.8:
            taken = recorded + timedelta(minutes=int(60 * self.rng.exponential(20)) + 1)
            base = {"enterprise_id": self.enterprise_id, "event_type": "response_taken"}
            self.events.append(
                base | {"occurred_at": taken, "recorded_at": taken, "note": "synthetic"}
            )

    def repair(self, after: datetime) -> None:
        done = self.moment(after + timedelta(days=15), 120)
        self.add(done, "rectification_completed")
        if self.rng.random() < 0.15:
            return
        applied = self.moment(done, 230)
        self.add(applied, "repair_application")
        if self.rng.random() < 0.93:
            result = "passed" if self.rng.random() < 0.68 else "refused"
            self.add(self.moment(applied + timedelta(days=5), 40), "repair_decision", result=result)


def main(arguments: Sequence[str] | None = None) -> None:
    """Write the synthetic seeds of the early warning."""
    parser = argparse.ArgumentParser(
        prog="python -m synthetic.enterprises",
        description="Generate the synthetic enterprises and events, from the project's root.",
    )
    parser.add_argument("--out", type=Path, default=Path("seeds/enterprises"))
    options = parser.parse_args(arguments)
    table = enterprises(pd.read_csv("seeds/catalog/units.csv", dtype=str, na_filter=False))
    found = events(table)
    given = [consents_to(use, share, table) for use, share in USES.items()]
    for name, frame in (
        ("enterprises", register_days(table, found)),
        ("enterprise_consents", pd.concat([consents(table), *given, link_consents(table)])),
        ("enterprise_events", found),
    ):
        frame.to_csv(
            options.out / f"synthetic_{name}.csv",
            index=False,
            lineterminator="\n",
            date_format="%Y-%m-%d %H:%M:%S",
        )


if __name__ == "__main__":
    main()
