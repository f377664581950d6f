"""Times with an offset from UTC, and Parquet columns with a time zone, become local times."""

import os
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import duckdb
import pandas as pd
import pytest
from conftest import PROJECT, DataDir
from test_early_warning import enterprise_rows

from credit_indices.pipeline.input_files import inspect_table
from credit_indices.pipeline.runner.run import Run

SHANGHAI = ZoneInfo("Asia/Shanghai")

LOCAL = "2021-03-01 09:30:00"

WRITTEN = {
    # without an offset: as it is
    "2021-03-01": "2021-03-01 00:00:00",
    "2021-03-01 09:30": LOCAL,
    "2021-03-01T09:30:00": LOCAL,
    "2021-03-01 09:30:00.123456789": "2021-03-01 09:30:00.123456",
    # with one: local
    "2021-03-01T09:30:00+08:00": LOCAL,
    "2021-03-01 09:30:00+0800": LOCAL,
    "2021-03-01 09:30+08": LOCAL,
    "2021-03-01 01:30:00Z": LOCAL,
    "2021-03-01T01:30z": LOCAL,
    "2021-02-28 20:30:00 -05:00": LOCAL,
    "2021-03-01 07:00:00+05:30": LOCAL,
    "2021-03-01T01:30:00.25Z": "2021-03-01 09:30:00.25",
    "2021-03-01T01:30:00.1234567Z": "2021-03-01 09:30:00.123456",
    "2021-03-01 15:30:00+14:00": LOCAL,
    # China had summer time in 1988: UTC+9
    "1988-07-01T00:00:00Z": "1988-07-01 09:00:00",
    # unreadable
    "2021-02-30 09:30:00Z": None,
    "2021-03-01 25:30:00+08:00": None,
    "2021-03-01 09:30:00+15:00": None,
    "2021-03-01 09:30:00+08:60": None,
    "2021-03-01 09:30:00+8": None,
    "2021-03-01 09:30:00+08:": None,
    "2021-03-01 09:30:00 Asia/Shanghai": None,
    "2021-03-01 09:30:00  Z": None,
    "2021-03-01Z": None,
    "2021-03-01+08:00": None,
    "Z": None,
}


def read(expression: str, session: str) -> dict[str, str | None]:
    """Evaluate an expression of the column `written`, in a session of another time zone."""
    with duckdb.connect() as connection:
        connection.execute(f"set TimeZone = '{session}'")
        connection.execute("create table times (written varchar)")
        connection.executemany("insert into times values (?)", [[text] for text in WRITTEN])
        query = f"select written, cast({expression} as varchar) from times"
        return dict(connection.execute(query).fetchall())


@pytest.mark.parametrize("session", ["UTC", "Asia/Shanghai", "America/New_York"])
def test_offsets_become_local_time_in_any_session(runner, session):
    assert read(runner.rendered("{{ to_moment('written') }}"), session) == WRITTEN


def test_local_times_are_those_of_the_standard_library(runner):
    found = read(runner.rendered("{{ to_moment('written') }}"), "America/New_York")
    checked = 0
    for text, local in found.items():
        if local and text[-1] in "Zz0" and "+" in text[10:]:
            expected = datetime.fromisoformat(text.replace(" +", "+")).astimezone(SHANGHAI)
            assert datetime.fromisoformat(local) == expected.replace(tzinfo=None), text
            checked += 1
    assert checked >= 4


def test_time_zone_of_the_computer_does_not_matter(runner):
    code = (
        "import duckdb, sys\n"
        "connection = duckdb.connect()\n"
        "print(connection.sql(\"select current_setting('TimeZone')\").fetchone()[0])\n"
        "print(connection.sql(sys.argv[1]).fetchone()[0])\n"
    )
    moment = runner.rendered("{{ to_moment('written') }}")
    query = f"select {moment} from (select '2021-03-01 01:30:00Z' as written)"
    shown = subprocess.run(
        [sys.executable, "-c", code, query],
        env=os.environ | {"TZ": "America/New_York"},
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split("\n")
    assert shown[:2] == ["America/New_York", LOCAL]


@pytest.fixture
def query(runner, seeded_warehouse, tmp_path):
    """Build models of a folder in a session of another time zone, and query them."""

    def run(data, models: list[str], sql: str, **variables) -> list[tuple]:
        warehouse = tmp_path / "warehouse" / "credit_indices.duckdb"
        warehouse.parent.mkdir(exist_ok=True)
        shutil.copy(seeded_warehouse, warehouse)
        project = runner.project | {"vars": runner.project["vars"] | variables}
        made = Run(project, PROJECT, warehouse, data, cache=runner.cache)
        try:
            made.query("set TimeZone = 'America/New_York'")
            made.check_settings()
            assert made.run(runner.select(*models)).faults == {}
            return made.query(sql)
        finally:
            made.close()

    return run


EVENTS = [
    "stg_input__units",
    "int_catalog__units",
    "stg_input__enterprises",
    "stg_input__enterprise_events",
    "stg_input__enterprise_consents",
    "stg_input__warning_levels",
    "int_warnings__enterprises_validated",
    "int_warnings__consents_validated",
    "int_warnings__consents",
    "int_warnings__events_validated",
]

EVENT_TIMES = """
    select event_id, cast(occurred as varchar), cast(recorded as varchar), fault
    from restricted.int_warnings__events_validated order by event_id
"""


def event_frame(enterprise: str, **columns) -> pd.DataFrame:
    frame = pd.DataFrame(columns)
    return frame.assign(enterprise_id=enterprise, event_type="tax_overdue")


def write_parts(folder, parts: dict[str, pd.DataFrame]) -> None:
    for name, frame in parts.items():
        path = folder / "enterprise_events" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        frame.to_parquet(path, index=False)


@pytest.fixture
def enterprises(tmp_path):
    """A folder of one enterprise without events, and its id."""
    table = enterprise_rows(1)
    return DataDir({"enterprises": table}).write(tmp_path / "data"), table[0]["enterprise_id"]


def test_parquet_folders_with_a_time_zone_become_local(query, enterprises):
    folder, enterprise = enterprises
    utc = datetime(2021, 3, 1, 1, 30, tzinfo=UTC)
    tokyo = utc.astimezone(ZoneInfo("Asia/Tokyo"))
    parts = {
        f"day=2021-03-0{number}/part-0.parquet": event_frame(
            enterprise,
            event_id=[f"e{number}"],
            occurred_at=pd.Series([moment]).astype(kind),
            recorded_at=pd.Series([moment]).astype(kind),
        )
        for number, (moment, kind) in enumerate(
            [
                (utc, "datetime64[us, UTC]"),
                (utc, "datetime64[ns, UTC]"),
                (tokyo, "datetime64[ms, Asia/Tokyo]"),
            ],
            start=1,
        )
    }
    parts["day=2021-03-04/part-0.parquet"] = event_frame(
        enterprise,
        event_id=["e4"],
        occurred_at=pd.Series([None], dtype=object),
        recorded_at=pd.Series([utc]),
    )
    write_parts(folder, parts)
    moments = [(f"e{number}", LOCAL, LOCAL, None) for number in (1, 2, 3)]
    unread = "occurred_at is not a time such as 2020-02-29 18:30:00"
    assert query(folder, EVENTS, EVENT_TIMES) == [*moments, ("e4", None, LOCAL, unread)]
    read = "select distinct recorded_at from restricted.stg_input__enterprise_events"
    assert query(folder, EVENTS, read) == [(LOCAL,)]


def test_variable_sets_the_local_zone(query, enterprises):
    folder, enterprise = enterprises
    texts = ["2021-03-01 01:30:00Z", "2021-03-01T09:30:00+08:00", "2021-02-30T09:30:00Z"]
    frame = event_frame(enterprise, event_id=["a", "b", "c"], occurred_at=texts, recorded_at=texts)
    frame.to_csv(folder / "enterprise_events.csv", index=False)
    paris = "2021-03-01 02:30:00"
    fault = "occurred_at is not a time such as 2020-02-29 18:30:00"
    found = query(folder, EVENTS, EVENT_TIMES, time_zone="Europe/Paris")
    faults = "; ".join([fault, fault.replace("occurred", "recorded")])
    assert found == [
        ("a", paris, paris, None),
        ("b", paris, paris, None),
        ("c", None, None, faults),
    ]


def test_consents_and_loans_read_offsets(query, enterprises):
    folder, enterprise = enterprises
    pd.DataFrame(
        {
            "enterprise_id": [enterprise],
            "data_class": ["tax"],
            "granted_at": [datetime(2021, 2, 28, 16, tzinfo=UTC)],
            "withdrawn_at": ["2021-03-01T01:30:00Z"],
        }
    ).to_parquet(folder / "enterprise_consents.parquet")
    pd.DataFrame(
        {
            "loan_id": ["L1"],
            "decided_at": [datetime(2021, 2, 28, 16, tzinfo=UTC)],
            "decision": ["approved"],
            "outcome": ["paid"],
            "amount": [5],
            "outcome_known_at": ["2021-03-01T01:30:00.5-00:00"],
        }
    ).to_parquet(folder / "loans.parquet")
    consents = """
        select cast(granted_at as varchar), cast(withdrawn_at as varchar)
        from restricted.int_warnings__consents_validated
    """
    assert query(folder, EVENTS, consents) == [("2021-03-01 00:00:00", LOCAL)]
    loans = """
        select cast(decided_at as varchar), cast(outcome_known_at as varchar)
        from restricted.int_credit__loans_validated
    """
    models = ["stg_input__units", "int_catalog__units", "stg_input__loans"]
    models.append("int_credit__loans_validated")
    assert query(folder, models, loans) == [("2021-03-01 00:00:00", f"{LOCAL}.5")]


def test_instants_are_periods_if_midnight_is_local(query, small, tmp_path):
    table = pd.DataFrame(small.tables.pop("observations")).head(2)
    table["period"] = [
        datetime(2019, 12, 31, 16, tzinfo=UTC),
        datetime(2020, 1, 1, tzinfo=UTC),
    ]
    folder = small.write(tmp_path / "data")
    table.to_parquet(folder / "observations.parquet")
    models = [
        "stg_input__indicators",
        "stg_input__units",
        "int_catalog__units",
        "int_catalog__indicators",
        "int_observations__csv",
        "int_observations__read",
        "int_observations__typed",
    ]
    periods = "select period from intermediate.int_observations__typed order by source_row"
    assert query(folder, models, periods) == [(20200101,), (None,)]


def test_files_with_and_without_a_zone_are_not_mixed(enterprises):
    folder, enterprise = enterprises
    moments = [datetime(2021, 3, 1, 9, 30), datetime(2021, 3, 1, 1, 30, tzinfo=UTC)]
    write_parts(
        folder,
        {
            f"part-{number}.parquet": event_frame(
                enterprise, event_id=["a"], occurred_at=[moment], recorded_at=[LOCAL]
            )
            for number, moment in enumerate(moments)
        },
    )
    required = ["event_id", "enterprise_id", "occurred_at", "recorded_at", "event_type"]
    (fault,) = inspect_table(str(folder), "enterprise_events", required).faults
    assert (fault.source_file, fault.column_name, fault.reason) == (
        "enterprise_events/part-1.parquet",
        "occurred_at",
        "has another type than in enterprise_events/part-0.parquet; write both with the same "
        "types, with a time zone or without.",
    )


@pytest.mark.parametrize(
    ("zone", "similar"),
    [
        ("Asia/Shangai", "Asia/Shanghai"),
        ("asia/shanghai", "Asia/Shanghai"),
        ("CST", None),
        ("+08:00", None),
        ("", None),
        (8, None),
        ("o'clock", None),
    ],
)
def test_unknown_time_zone_stops_the_run(runner, tmp_path, zone, similar):
    built = runner.run(tmp_path / "x.duckdb", runner.select("stg_input__units"), time_zone=zone)
    assert not built.succeeded
    assert built.message == (
        f"the dbt variable time_zone is '{zone}'; expected UTC or a name of the IANA time zone "
        "database such as Asia/Shanghai"
        + (f"; did you mean {similar}?" if similar else ".")
        + " Nothing was built."
    )
