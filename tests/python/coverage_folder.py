"""Small folders of coverage records, their builds, and their counts by brute force."""

from __future__ import annotations

import calendar
import random
import shutil
from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

from conftest import Build, DataDir, environment
from test_early_warning import KEY, consent_rows, enterprise_rows

from credit_indices.pipeline import enterprise_codes
from credit_indices.pipeline.runner.run import ancestors

AS_OF = "2021-06-30"
PROVINCES = ("11", "12", "13", "14", "15", "21", "22")
CAPITALS = (500_000, 5_000_000, 50_000_000, 500_000_000)
CLASSES = (
    "below_1_million",
    "from_1_to_10_million",
    "from_10_to_100_million",
    "from_100_million",
)
GROUPS = ("register", "bank", "alternative", "either", "both", "only_alternative", "no_consent")


CHANGED = (
    "stg_input__enterprises",
    "stg_input__enterprise_events",
    "stg_input__enterprise_consents",
    "stg_input__coverage_records",
    "stg_input__ratings",
    "stg_input__rating_grades",
)
"""Tables of the folders of tests."""
WHOLE_PART = (
    "credit_indices.marts.coverage",
    "quarantined_coverage",
    "quarantined_events",
    "regional_warnings",
)


class Warehouses:
    """Builds folders in copies of a warehouse of the shipped data, without the checks of others."""

    def __init__(self, runner, seeded: Path, place: Path) -> None:
        self.runner, self.place = runner, place
        self.shipped = Build(True, "", place / "shipped" / "credit_indices.duckdb")
        self.shipped.warehouse.parent.mkdir()
        shutil.copy(seeded, self.shipped.warehouse)
        self._run(self.shipped.warehouse, self._models(WHOLE_PART))

    def _models(self, names: tuple[str, ...]) -> set[str]:
        nodes = self.runner.project["nodes"]
        found = self.runner.select(*(f"+{name}" for name in names))
        return {code for code in found if nodes[code]["name"] != "raw_data_quality"}

    def _run(self, warehouse: Path, codes: set[str], data: Path | None = None, **settings) -> Build:
        with environment(**{enterprise_codes.KEY_VARIABLE: KEY}):
            return self.runner.run(warehouse, codes, data, full_refresh=True, **settings)

    def build(self, data: DataDir | Path, *names: str, **variables) -> Build:
        """Build models with those of their ancestors that read a table of `CHANGED`."""
        place = self.place / str(len([*self.place.iterdir()]))
        place.mkdir()
        warehouse = place / "credit_indices.duckdb"
        shutil.copy(self.shipped.warehouse, warehouse)
        project = self.runner.project
        changed = self.runner.select(*CHANGED)
        codes = {
            code
            for code in self._models(names or WHOLE_PART)
            if changed & ancestors(project, [code])
            and project["nodes"][code]["fqn"][2] not in ("checks", "gate")
        }
        if isinstance(data, DataDir):
            data = data.write(place / "data")
        return self._run(warehouse, codes, data, **variables)


def consents_to(use: str, enterprises: list[dict], begin: str = "2015-01-01") -> list[dict]:
    """Return consents of all enterprises to a use."""
    return [
        {
            "enterprise_id": row["enterprise_id"],
            "data_class": use,
            "granted_at": begin,
            "withdrawn_at": "",
        }
        for row in enterprises
    ]


def tables(
    enterprises: list[dict], records: list[dict], consents: list[dict] | None = None
) -> dict[str, list[dict]]:
    """Return the tables of a folder, with an event that dates the early warning."""
    if consents is None:
        consents = consents_to("coverage", enterprises)
    columns = ("registered_on", "closed_on")
    event = {
        "event_id": "e1",
        "enterprise_id": enterprises[0]["enterprise_id"],
        "occurred_at": f"{AS_OF} 09:00",
        "recorded_at": f"{AS_OF} 10:00",
        "event_type": "negative_opinion",
    }
    return {
        "enterprises": [dict.fromkeys(columns, "") | row for row in enterprises],
        "enterprise_events": [event],
        "enterprise_consents": consents
        + [row | {"withdrawn_at": ""} for row in consent_rows(enterprises[:1])],
        "coverage_records": records,
    }


def record(row: dict, kind: str, first: str, last: str = "", source: str = "a source") -> dict:
    """Return a coverage record of an enterprise."""
    return {
        "enterprise_id": row["enterprise_id"],
        "source": source,
        "kind": kind,
        "first_day": first,
        "last_day": last,
    }


def random_tables(n: int, seed: int) -> dict[str, list[dict]]:
    """Draw a register, consents and records, with days at the ends and beginnings of months."""
    rng = random.Random(seed)

    def day(first: date, last: date) -> str:
        drawn = first + timedelta(rng.randrange((last - first).days))
        kind = rng.random()
        if kind < 0.2:
            drawn = drawn.replace(day=calendar.monthrange(drawn.year, drawn.month)[1])
        elif kind < 0.4:
            drawn = drawn.replace(day=1)
        return drawn.isoformat()

    begin, end = date(2018, 1, 1), date(2022, 1, 1)
    enterprises, consents, records = [], [], []
    for row in enterprise_rows(n):
        registered = day(date(2017, 1, 1), end)
        enterprises.append(
            row
            | {
                "province_code": rng.choice((*PROVINCES, "nowhere")),
                "registered_capital": rng.choice((*CAPITALS, 0)),
                "registered_on": rng.choice((registered, "")),
                "closed_on": rng.choice(("", "", max(registered, day(begin, end)))),
            }
        )
        for _ in range(rng.choice((0, 1, 1, 1, 2))):
            granted, withdrawn = sorted((day(begin, end), day(begin, end)))
            consents.append(
                {
                    "enterprise_id": row["enterprise_id"],
                    "data_class": rng.choice(("coverage",) * 4 + ("credit",)),
                    "granted_at": rng.choice((granted, f"{granted} 23:59:00")),
                    "withdrawn_at": rng.choice(("", f"{withdrawn} 23:59:30")),
                }
            )
        for _ in range(rng.randrange(6)):
            first, last = sorted((day(begin, end), day(begin, end)))
            records.append(
                record(
                    row,
                    rng.choice(("bank", "alternative")),
                    first,
                    rng.choice(("", last, last)),
                    rng.choice("ab"),
                )
            )
    return tables(enterprises, records, consents)


def month_ends(n: int) -> Iterator[date]:
    """Yield the last days of the n months up to the as-of date."""
    year, month, _ = map(int, AS_OF.split("-"))
    for back in range(n - 1, -1, -1):
        number = 12 * year + month - 1 - back
        in_year, in_month = divmod(number, 12)
        yield date(in_year, in_month + 1, calendar.monthrange(in_year, in_month + 1)[1])


def groups_of(row: dict, given: dict[str, list[dict]], end: date) -> set[str]:
    """Return the groups of an enterprise at the end of a day, written from the documents."""
    text = end.isoformat()
    if row["registered_on"] > text or (row["closed_on"] and row["closed_on"] <= text):
        return set()
    found = {"register"}
    tomorrow = (end + timedelta(1)).isoformat()
    consented = any(
        consent["data_class"] == "coverage"
        and consent["granted_at"] < tomorrow
        and not (consent["withdrawn_at"] and consent["withdrawn_at"] < tomorrow)
        for consent in given["consents"]
    )
    if not consented:
        return found | {"no_consent"}
    kinds = {
        each["kind"]
        for each in given["records"]
        if each["first_day"] <= text and not (each["last_day"] and each["last_day"] < text)
    }
    if kinds:
        found |= kinds | {"either"}
    if len(kinds) == 2:
        found.add("both")
    if kinds == {"alternative"}:
        found.add("only_alternative")
    return found


def counts(given: dict[str, list[dict]], months: int) -> Counter:
    """Count enterprises by month, province, size class and group, one by one."""
    found: Counter = Counter()
    by_id: dict[str, dict[str, list[dict]]] = {
        row["enterprise_id"]: {"consents": [], "records": []} for row in given["enterprises"]
    }
    for row in given["enterprise_consents"]:
        by_id[row["enterprise_id"]]["consents"].append(row)
    for row in given["coverage_records"]:
        by_id[row["enterprise_id"]]["records"].append(row)
    for row in given["enterprises"]:
        province = row["province_code"] if row["province_code"] in PROVINCES else "unknown"
        capital = row["registered_capital"]
        size = CLASSES[CAPITALS.index(capital)] if capital in CAPITALS else "unknown"
        for end in month_ends(months):
            for group in groups_of(row, by_id[row["enterprise_id"]], end):
                for place in {(province, size), (province, "all"), ("all", size), ("all", "all")}:
                    found[end.replace(day=1), *place, group] += 1
    return found
