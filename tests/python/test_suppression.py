"""No suppressed value of a province can be derived from published data, by linear algebra.

Readers of the published marts know the warnings and decisions of every enterprise (by its key), but
not its province. A value of a province is then a linear form of the unknown memberships (enterprise
x province, 1 or 0); it can be computed from the published values if its form is in their span.
"""

from datetime import datetime

import numpy as np
import pytest
from test_early_warning import WARNINGS, Warehouse, consent_rows, enterprise_rows

SIZES = {"11": 40, "12": 30, "13": 6, "14": 20, "15": 12}
"""Enterprises by province. One of 13 is warned; 15 is the smallest of the others."""


@pytest.fixture(scope="module")
def published(runner, shipped, tmp_path_factory):
    """Provinces with many warnings on the same days, and one with a single warning."""
    provinces = [code for code, size in SIZES.items() for _ in range(size)]
    enterprises = [
        row | {"province_code": code}
        for row, code in zip(enterprise_rows(len(provinces)), provinces, strict=True)
    ]
    events = []

    def add(row, day, event_type, role="", result=""):
        events.append(
            {
                "event_id": f"e{len(events)}",
                "enterprise_id": row["enterprise_id"],
                "occurred_at": f"{day} 09:00",
                "recorded_at": f"{day} 10:00",
                "event_type": event_type,
                "role": role,
                "result": result,
            }
        )

    def repair(row):
        add(row, "2021-03-01", "rectification_completed")
        add(row, "2021-03-02", "repair_application")
        add(row, "2021-03-20", "repair_decision", result="passed")

    for code in SIZES:
        of_province = [row for row in enterprises if row["province_code"] == code]
        if code == "13":
            add(of_province[0], "2021-01-10", "lawsuit", "defendant")
            repair(of_province[0])
            continue
        for row in of_province[:6]:
            add(row, "2021-01-10", "lawsuit", "defendant")
            repair(row)
        for row in of_province[1:7] if code != "15" else []:
            add(row, "2021-06-10", "breach_execution")
    warehouse = Warehouse(runner, shipped.warehouse, tmp_path_factory.mktemp("regions"))
    warehouse.load(
        {
            "enterprises": enterprises,
            "enterprise_events": events,
            "enterprise_consents": consent_rows(enterprises),
        },
        full_refresh=True,
        select=WARNINGS,
    )
    true_province = dict(
        warehouse.query(
            "select enterprise_key, province_code from restricted.int_warnings__enterprises"
        )
    )
    return warehouse, true_province


def months_of(opened: datetime, closed: datetime | None, months: list) -> list[int]:
    """The months in which a warning was open at some time."""
    begins = [datetime(month.year, month.month, 1) for month in months]
    ends = [*begins[1:], datetime(begins[-1].year + 1, 1, 1)]
    return [
        number
        for number, (begin, end) in enumerate(zip(begins, ends, strict=True))
        if opened < end and (closed is None or closed > begin)
    ]


class Outsider:
    """The knowledge of a reader of the published marts, as linear forms of the memberships."""

    def __init__(self, warehouse):
        keyed = warehouse.query("select enterprise_key, province_code from marts.enterprise_status")
        assert {province for _, province in keyed} == {None}
        self.keys = [key for key, _ in keyed]
        self.forms = {"enterprises": np.ones(len(keyed))}
        regional = warehouse.query(
            "select province_code, month, level, enterprises, warned, is_suppressed "
            "from marts.regional_warnings order by month"
        )
        months = sorted({row[1] for row in regional})
        for key, level, opened, closed in warehouse.query(
            "select enterprise_key, level, opened_at, closed_at from marts.enterprise_warnings"
        ):
            for number in months_of(opened, closed, months):
                for name in (level, "any"):
                    self.form(months[number], name)[self.keys.index(key)] = 1
        for key, decided, result, in_time in warehouse.query(
            "select enterprise_key, decided_at, result, is_in_time from marts.credit_repairs "
            "where decided_at is not null"
        ):
            for quarter in (f"{decided.year}-Q{(decided.month + 2) // 3}", "all"):
                of_key = self.keys.index(key)
                self.form(quarter, "decided")[of_key] += 1
                self.form(quarter, "passed")[of_key] += result == "passed"
                self.form(quarter, "in_time")[of_key] += in_time
        rates = warehouse.query(
            "select province_code, quarter, decided, passed, in_time, is_suppressed "
            "from marts.credit_repair_rates where province_code <> 'all'"
        )
        self.cells = {}
        for province, month, level, enterprises, warned, suppressed in regional:
            self.cells[province, "enterprises"] = (enterprises, suppressed)
            self.cells[province, (month, level)] = (warned, suppressed)
        for province, quarter, *counts, suppressed in rates:
            for name, count in zip(("decided", "passed", "in_time"), counts, strict=True):
                self.cells[province, (quarter, name)] = (count, suppressed)
        self.provinces = sorted({province for province, _ in self.cells})

    def form(self, *name):
        return self.forms.setdefault(name, np.zeros(len(self.keys)))

    def vector(self, province, form):
        whole = np.zeros((len(self.keys), len(self.provinces)))
        whole[:, self.provinces.index(province)] = self.forms.get(form, 0)
        return whole.ravel()

    def derivable(self, also_published=()) -> list:
        """Suppressed cells in the span of the published ones, except cells that are always 0."""
        rows = [
            np.outer(np.eye(len(self.keys))[e], np.ones(len(self.provinces))).ravel()
            for e in range(len(self.keys))
        ]  # every enterprise is in one province
        hidden = []
        for (province, form), (_, suppressed) in self.cells.items():
            vector = self.vector(province, form)
            if not suppressed or (province, form) in also_published:
                rows.append(vector)
            elif vector.any():
                hidden.append(((province, form), vector))
        _, sizes, basis = np.linalg.svd(np.unique(rows, axis=0), full_matrices=False)
        basis = basis[sizes > 1e-9]
        return [
            name
            for name, vector in hidden
            if np.linalg.norm(vector - basis.T @ (basis @ vector)) < 1e-7
        ]


def test_no_suppressed_value_can_be_derived(published):
    warehouse, true_province = published
    outsider = Outsider(warehouse)
    suppressed = {cell for cell, (_, is_suppressed) in outsider.cells.items() if is_suppressed}
    # 13 for its single enterprise, and 15 because otherwise 13 would be the total minus the others.
    assert {province for province, _ in suppressed} == {"13", "15"}
    for (province, form), (count, is_suppressed) in outsider.cells.items():
        of_province = [true_province[key] == province for key in outsider.keys]
        form_of_all = outsider.forms.get(form, np.zeros(len(outsider.keys)))
        assert count == (None if is_suppressed else form_of_all @ of_province), (province, form)
        assert count is None or count == 0 or count >= 5
    assert any(count for count, _ in outsider.cells.values())
    assert outsider.derivable() == []


def test_algebra_finds_derivable_cells(published):
    outsider = Outsider(published[0])
    of_13 = {cell for cell in outsider.cells if cell[0] == "13"}
    of_15 = {cell for cell in outsider.cells if cell[0] == "15"}
    # With 15 published, 13 is the total minus the others.
    assert {cell for cell in of_13 if outsider.vector(*cell).any()} == set(
        outsider.derivable(of_15)
    )
    # The first month's warnings are all orange: one level reveals the other.
    january = min(form[0] for _, form in of_13 if form[1] == "any")
    orange, any_level = ("13", (january, "orange")), ("13", (january, "any"))
    assert any_level in outsider.derivable({orange})


def test_single_small_province_is_not_named(runner, shipped, tmp_path):
    enterprises = [row | {"province_code": "11"} for row in enterprise_rows(7)]
    events = [
        {
            "event_id": f"e{number}",
            "enterprise_id": row["enterprise_id"],
            "occurred_at": "2021-01-10 09:00",
            "recorded_at": "2021-01-10 10:00",
            "event_type": "breach_execution",
        }
        for number, row in enumerate(enterprises[:4])
    ]
    warehouse = Warehouse(runner, shipped.warehouse, tmp_path)
    warehouse.load(
        {
            "enterprises": enterprises,
            "enterprise_events": events,
            "enterprise_consents": consent_rows(enterprises),
        },
        full_refresh=True,
        select=WARNINGS,
    )
    assert len(warehouse.query("from marts.enterprise_warnings")) == 4
    assert warehouse.query("from marts.regional_warnings") == []
    for mart in ("enterprise_status", "enterprise_warnings", "credit_repair_rates"):
        assert (
            warehouse.query(
                f"from marts.{mart} where province_code in "
                "(select unit_id from staging.stg_input__units)"
            )
            == []
        ), mart
