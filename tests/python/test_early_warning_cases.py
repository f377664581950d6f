"""Cases of single enterprises, computed by hand, under the shipped rules (windows of 184 days)."""

from datetime import datetime

import pytest
from test_early_warning import WARNINGS, Warehouse, consent_rows, enterprise_rows

from credit_indices.pipeline.build import summary

SUIT = ("lawsuit", "defendant", "")
CASES = {
    "a repair and a lawsuit after it": [
        ("2021-01-10 09:00", "2021-01-10 10:00", *SUIT),
        ("2021-02-10 09:00", "2021-02-10 10:00", "rectification_completed", "", ""),
        ("2021-02-20 09:00", "2021-02-20 10:00", "repair_application", "", ""),
        ("2021-03-10 09:00", "2021-03-10 10:00", "repair_decision", "", "passed"),
        ("2021-05-01 09:00", "2021-05-01 10:00", *SUIT),
    ],
    "two records put right at one moment": [
        ("2021-02-10", "2021-02-10", "rectification_completed", "", ""),
        ("2021-02-10", "2021-02-10", "rectification_completed", "", ""),
    ],
    "a time that is unknown": [("0001-01-01", "2021-02-10", *SUIT)],
    "recorded late, expired on 4 July, response on 5 July": [
        ("2021-01-01 09:00", "2021-07-02 10:00", *SUIT),
        ("2021-07-05 09:00", "2021-07-05 10:00", "response_taken", "", ""),
    ],
    "repaired on the last day": [
        ("2021-07-01 09:00", "2021-07-01 10:00", *SUIT),
        ("2021-07-02 09:00", "2021-07-02 10:00", "rectification_completed", "", ""),
        ("2021-07-03 09:00", "2021-07-03 10:00", "repair_application", "", ""),
        ("2021-08-10 09:00", "2021-08-10 10:00", "repair_decision", "", "passed"),
    ],
    "before the calendar": [("2018-09-30 09:00", "2018-09-30 10:00", *SUIT)],
}


@pytest.fixture(scope="module")
def built(runner, shipped, tmp_path_factory):
    enterprises = enterprise_rows(len(CASES))
    events = [
        {
            "event_id": f"{number}/{k}",
            "enterprise_id": enterprises[number]["enterprise_id"],
            "occurred_at": occurred,
            "recorded_at": recorded,
            "event_type": event_type,
            "role": role,
            "result": result,
        }
        for number, case in enumerate(CASES.values())
        for k, (occurred, recorded, event_type, role, result) in enumerate(case)
    ]
    warehouse = Warehouse(runner, shipped.warehouse, tmp_path_factory.mktemp("cases"))
    warehouse.load(
        {
            "enterprises": enterprises,
            "enterprise_events": events,
            "enterprise_consents": [
                row | {"granted_at": "2018-01-01"} for row in consent_rows(enterprises)
            ],
        },
        full_refresh=True,
        select=(*WARNINGS, "stg_input__public_holidays"),
    )

    return warehouse, enterprises


@pytest.fixture(scope="module")
def cases(built):
    warehouse, enterprises = built

    def of_case(case: str, columns: str, table: str, order: str = "1") -> list[tuple]:
        enterprise = enterprises[list(CASES).index(case)]["enterprise_id"]
        return warehouse.query(
            f"select {columns} from {table} where enterprise_key = (select enterprise_key from "
            f"restricted.int_warnings__enterprises where enterprise_id = '{enterprise}') "
            f"order by {order}"
        )

    return of_case


WARNED = "opened_at, closed_at, due_at, responded_at, overdue"


def test_events_after_a_repair_open_a_new_warning(cases):
    case = "a repair and a lawsuit after it"
    assert cases(case, WARNED, "marts.enterprise_warnings") == [
        (datetime(2021, 1, 10, 10), datetime(2021, 3, 10, 10), datetime(2021, 1, 14), None, True),
        # Labour Day was until 5 May; 6 and 7 May, and 8 May, a Saturday that was worked.
        (datetime(2021, 5, 1, 10), None, datetime(2021, 5, 9), None, True),
    ]
    assert cases(case, "level, since, days_in_level", "marts.enterprise_status") == [
        ("orange", datetime(2021, 5, 1, 10), 101)
    ]


def test_simultaneous_rectifications_count_once(cases):
    case = "two records put right at one moment"
    assert cases(case, "rectified_at, result", "marts.credit_repairs") == [
        (datetime(2021, 2, 10), None)
    ]


def test_placeholder_timestamps_are_quarantined(cases):
    assert cases("a time that is unknown", "*", "intermediate.int_warnings__signals") == []


def test_response_before_the_due_date_is_in_time(cases):
    case = "recorded late, expired on 4 July, response on 5 July"
    # 2 July was a Friday; 5, 6 and 7 July.
    assert cases(case, WARNED, "marts.enterprise_warnings") == [
        (
            datetime(2021, 7, 2, 10),
            datetime(2021, 7, 4),
            datetime(2021, 7, 8),
            datetime(2021, 7, 5, 9),
            False,
        )
    ]


def test_as_of_date_means_the_end_of_the_day(cases):
    case = "repaired on the last day"
    repaired = datetime(2021, 8, 10, 10)
    assert cases(case, "level, since, days_in_level", "marts.enterprise_status") == [
        ("none", repaired, 0)
    ]
    assert cases(case, "closed_at", "marts.enterprise_warnings") == [(repaired,)]


def test_due_date_without_a_calendar_is_marked(built, cases):
    columns = "due_at, is_due_by_calendar"
    # A Sunday; National Day, which is missing in the calendar, would move it to 11 October.
    assert cases("before the calendar", columns, "marts.enterprise_warnings") == [
        (datetime(2018, 10, 4), False)
    ]
    case = "a repair and a lawsuit after it"
    assert {row[1] for row in cases(case, columns, "marts.enterprise_warnings")} == {True}
    (line,) = [line for line in summary(built[0].path) if "public holidays" in line]
    assert line.strip().startswith("1 warning(s), opened in 2018, have a due date without")
