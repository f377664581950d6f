"""Invalid enterprises, events and rules; identities; the synthetic seeds."""

import csv
import hashlib
import shutil
from collections import defaultdict
from datetime import date, datetime

import duckdb
import pytest
from conftest import PROJECT, DataDir, environment, rows
from hypothesis import given
from hypothesis import strategies as st
from test_early_warning import (
    KEY,
    MARTS,
    WARNINGS,
    Warehouse,
    consent_rows,
    enterprise_rows,
    rule_rows,
)

from credit_indices.pipeline import build, enterprise_codes, publish, published_file
from credit_indices.pipeline.enterprise_codes import ALPHABET, check_character
from synthetic import coverage, enterprises, links

SEEDS = PROJECT / "seeds" / "enterprises"


@pytest.fixture(scope="module")
def faulty(runner, shipped, tmp_path_factory):
    """A folder with one fault of every kind; the first event of a is valid."""
    enterprises = enterprise_rows(4)
    enterprises[0]["province_code"] = enterprises[0]["name"]
    a, b, c, d = (row["enterprise_id"] for row in enterprises)
    enterprises[1]["registered_capital"] = 0
    wrong = c[:-1] + ALPHABET[(ALPHABET.index(c[-1]) + 1) % 31]
    enterprises[2]["enterprise_id"] = wrong
    consents = consent_rows([row for row in enterprises if row["enterprise_id"] != wrong])
    consents = [
        row for row in consents if (row["enterprise_id"], row["data_class"]) != (d, "judicial")
    ]
    consents += [
        {"enterprise_id": a, "data_class": "weather", "granted_at": "2020-01-01"},
        {"enterprise_id": a, "data_class": "tax", "granted_at": "yesterday"},
        {
            "enterprise_id": a,
            "data_class": "tax",
            "granted_at": "2021-01-02",
            "withdrawn_at": "2021-01-01",
        },
    ]
    consents = [{"withdrawn_at": ""} | row for row in consents]
    events = rows(f"""
        event_id,enterprise_id,occurred_at,recorded_at,event_type,role,amount,ratio,count,result
        e2,{a},2021-03-01 09:00,2021-03-02T10:00:00,lawsuit,defendant,5,,,
        e3,{a[:-1]}I,2021-03-01 09:00:00,2021-03-02 10:00:00,lawsuit,defendant,,,,
        e4,{wrong},2021-03-01 09:00:00,2021-03-02 10:00:00,lawsuit,defendant,,,,
        e5,{c},2021-03-01 09:00:00,2021-03-02 10:00:00,lawsuit,defendant,,,,
        e6,{a},2021-02-30 09:00:00,2021-03-02 10:00:00,lawsuit,defendant,,,,
        e7,{a},2021-03-01 09:00:00,2021-03-01 08:59:59,lawsuit,defendant,,,,
        e8,{a},2021-03-01 09:00:00,2091-03-01 09:00:00,lawsuit,defendant,,,,
        e9,{a},2021-03-01 09:00:00,2021-03-02 10:00:00,earthquake,,,,,
        e10,{a},2021-03-01 09:00:00,2021-03-02 10:00:00,capital_flow,,-5,,,
        e11,{a},2021-03-01 09:00:00,2021-03-02 10:00:00,capital_flow,,,,,
        e12,{a},2021-03-01 09:00:00,2021-03-02 10:00:00,tax_underpayment,,,10 %,,
        e13,{a},2021-03-01 09:00:00,2021-03-02 10:00:00,negative_opinion,,,,0,
        e14,{a},2021-03-01 09:00:00,2021-03-02 10:00:00,repair_decision,,,,,maybe
        e15,{a},2021-03-01 09:00:00,2021-03-02 10:00:00,lawsuit,,,,,
        ,{a},2021-03-01 09:00:00,2021-03-02 10:00:00,tax_overdue,,,,,
        e2,{a},2021-03-01 09:00:00,2021-03-02 10:00:00,lawsuit,defendant,5.00,,1,
        e2,{a},2021-03-01 09:00:00,2021-03-03 10:00:00,lawsuit,defendant,6,,,
        e19,{b},2021-03-01 09:00:00,2021-03-02 10:00:00,capital_flow,,1000,,,
        e20,{d},2021-03-01 09:00:00,2021-03-02 10:00:00,lawsuit,defendant,,,,
        e21,{a},2021-03-05 09:00:00,2021-03-06 10:00:00,response_taken,,,,,
    """)
    warehouse = Warehouse(runner, shipped.warehouse, tmp_path_factory.mktemp("faulty"))
    warehouse.load(
        {
            "enterprises": enterprises,
            "enterprise_events": events,
            "enterprise_consents": consents,
            "warning_rules": [
                row | ({"window_days": 3} if row["rule_code"] == "suit" else {})
                for row in rule_rows()
            ],
        },
        full_refresh=True,
        select=(*WARNINGS, "credit_indices.marts.privacy"),
    )
    return warehouse


def test_invalid_records_are_quarantined_with_the_reason(faulty):
    found = {
        (file, row): (column, reason)
        for file, row, column, _, reason in faulty.table("quality.quarantined_events")
    }
    events = {row: cell for (file, row), cell in found.items() if file == "enterprise_events.csv"}
    expected = {
        3: ("enterprise_id", "is not a unified social credit code"),
        4: ("enterprise_id", "has a wrong check character"),
        5: ("enterprise_id", "is unknown: enterprises are listed in enterprises"),
        6: ("occurred_at", "is not a time such as 2020-02-29 18:30:00"),
        7: ("recorded_at", "is before occurred_at"),
        8: ("recorded_at", "is in the future"),
        9: ("event_type", "is unknown"),
        10: ("amount", "is negative"),
        11: ("amount", "is empty: a capital_flow needs one"),
        12: ("ratio", "is not a number; 0.1 is 10 %"),
        13: ("count", "is not a whole number of 1 or more"),
        14: ("result", "is not one of passed, refused"),
        15: ("role", "is empty: a lawsuit needs one"),
        16: ("event_id", "is empty"),
        18: ("event_id", "another record with different content, which was recorded first"),
    }
    assert events.keys() == expected.keys()
    for row, (column, reason) in expected.items():
        assert events[row][0] == column, row
        assert reason in events[row][1], row
    ((column, reason),) = [
        cell for (file, row), cell in found.items() if (file, row) == ("enterprises.csv", 3)
    ]
    assert (column, reason.split(";")[0]) == (
        "registered_capital",
        "registered_capital is not above 0",
    )
    assert found["enterprises.csv", 4][0] == "enterprise_id"
    assert found["enterprises.csv", 2][0] == "province_code"
    assert "is not a unit_id of the table units" in found["enterprises.csv", 2][1]
    consents = sorted(cell[0] for (file, _), cell in found.items() if "consents" in file)
    assert consents == ["data_class", "granted_at", "withdrawn_at"]


@pytest.mark.parametrize("day", ["2021-02-29", "2021-13-01", "1949-12-31", "June"])
def test_invalid_as_of_date_is_refused(runner, shipped, day):
    build = runner.run(shipped.warehouse, runner.select("int_warnings__run"), as_of_date=day)
    assert f"as_of_date is '{day}'; expected a day from 1950 on" in build.message


def test_quarantine_identifies_nobody(faulty):
    rows_of_it = faulty.table("quality.quarantined_events")
    assert len([row for row in rows_of_it if row[2] == "enterprise_id"]) == 4
    assert {row[3] for row in rows_of_it} == {None}
    inside = faulty.query("select value from restricted.int_warnings__quarantined")
    assert ("earthquake",) in inside


def test_only_valid_events_with_consent_give_warnings(faulty):
    use = {row[0]: row[1:] for row in faulty.table("marts.event_use")}
    # Valid lawsuits: rows 2, 17 (a duplicate) and 18 (contradicting), and that of d, who did not
    # consent; seven are quarantined for a cell.
    assert use["judicial"] == (11, 7, 1, 3, 0)
    assert use["transactions"] == (3, 2, 0, 1, 0)
    status = faulty.table("marts.enterprise_status")
    # On the day of the last record, 6 March, the suit of 1 March has been active for three days.
    assert [(str(row[1]), row[2], row[6]) for row in status] == 3 * [("2021-03-06", "none", 0)]
    ((opened, due, responded, overdue),) = [
        (row[3], row[12], row[14], row[15]) for row in faulty.table("marts.enterprise_warnings")
    ]
    # Tuesday 2 March 2021, and three working days: Wednesday, Thursday, Friday.
    assert opened == datetime(2021, 3, 2, 10)
    assert due == datetime(2021, 3, 6)
    # The response of 5 March came after the warning had expired, but in time.
    assert (responded, overdue) == (datetime(2021, 3, 5, 9), False)


def test_later_withdrawal_of_consent_is_reported(runner, faulty, tmp_path):
    folder = tmp_path / "load"
    shutil.copytree(faulty.folder / "load", folder)
    consents = rows((folder / "enterprise_consents.csv").read_text())
    of_a = next(row for row in consents if row["data_class"] == "judicial")
    of_a["withdrawn_at"] = "2021-02-01"
    DataDir({"enterprise_consents": consents}).write(folder)
    later = Warehouse(runner, faulty.path, tmp_path / "later")
    with duckdb.connect(str(later.state)) as connection:
        connection.execute("update layout set folder = ?", [str(folder)])
    later.build(folder, select=(*WARNINGS, "credit_indices.marts.privacy"))
    use = {row[0]: row[1:] for row in later.table("marts.event_use")}
    # Of this run's records, a's three and d's lack consent; e2 is kept.
    assert use["judicial"] == (11, 7, 4, 0, 1)
    (line,) = [line for line in build.summary(later.path) if "FULL_REFRESH" in line]
    assert line.strip().startswith("1 event(s) of earlier builds are used, although by")


def test_the_province_of_few_enterprises_is_left_out(faulty):
    provinces = "select distinct province_code from "
    for mart in ("enterprise_status", "enterprise_warnings"):
        assert faulty.query(f"{provinces} marts.{mart}") == [(None,)]
    # The province of a is a name, so it is unknown.
    assert len(faulty.query(f"{provinces} restricted.int_warnings__enterprises")) == 3


RULE_FAULTS = {
    "event_type": (
        "burglary",
        "event_type 'burglary' is not an event type, so the rule count 0 cannot",
    ),
    "measure": ("median", "measure 'median' is not one of count, sum"),
    "operator": ("=", "operator '=' is not one of >, >="),
    "level": ("purple", "level 'purple' is not a level, so the rule count 3 cannot be"),
    "window_days": ("0", "window_days '0' is not a whole number of days from 1 to 1500"),
    "threshold": ("many", "threshold 'many' is not a number above 0"),
    "role": (
        "defendant",
        "role 'defendant' does not exist for events of the type negative_opinion",
    ),
    "stands_days": ("36501", "stands_days '36501' is not a whole number of days from 0 to 36500"),
    "is_repairable": ("yes", "is_repairable 'yes' is not 1 or 0"),
    "is_active": ("maybe", "is_active 'maybe' is not one of 1, 0, trial; it may be empty"),
    "replaces": ("count 0", "replaces 'count 0' is given for a rule that is not on trial; set"),
}


@pytest.mark.marts("int_input__gate")
def test_invalid_rules_stop_the_build(build, small):
    table = []
    rule = rule_rows()[0] | {"is_active": "", "replaces": ""}
    for number, (column, (value, _)) in enumerate(RULE_FAULTS.items()):
        table.append(rule | {"rule_code": f"count {number}", column: value})
    table.append(rule | {"rule_code": "count", "measure": "max_ratio"})
    table.append(rule | {"rule_code": "count"})
    # 92 days touch at most January to May.
    months = {"event_type": "tax_overdue", "measure": "consecutive_periods", "window_days": 92}
    table += [rule | months | {"rule_code": n, "threshold": n} for n in (5, 6)]
    table.append(rule | {"rule_code": "a", "is_active": "trial", "replaces": "count 1"})
    table.append(rule | {"rule_code": "b", "is_active": "trial", "replaces": "a"})
    small.tables["warning_rules"] = table
    small.tables["warning_levels"] = rows("""
        level,rank,measure,deadline_kind,deadline_amount
        yellow,1,ask,days,1
        none,1,wait,hours,0
        orange,x,look,hours,24
        any,2,ask,hours,1
        red,02,ask,hours,1
    """)
    small.tables["public_holidays"] = rows("""
        calendar_date,kind
        2021-02-30,holiday
        2021-02-03,sunday
    """)
    small.tables["enterprises"] = enterprise_rows(2)
    built = build(small)
    assert not built.succeeded
    assert "threshold '5'" not in built.message
    assert "warning_rules.csv row 17" not in built.message
    for number, (_, message) in enumerate(RULE_FAULTS.values()):
        assert f"warning_rules.csv row {number + 2}: {message}" in built.message
    for message in (
        "warning_rules.csv row 13: measure 'max_ratio' cannot be computed for events of the type "
        "negative_opinion, which have no ratio",
        "warning_rules.csv row 14: rule_code 'count' is already in row 13",
        "warning_rules.csv row 16: threshold '6' is more calendar months in a row than 92 days can",
        "warning_rules.csv row 18: replaces 'a' is not the rule_code of a live rule (is_active 1)",
        "warning_levels.csv row 2: deadline_kind 'days' is not one of working_days, hours",
        "warning_levels.csv row 3: level 'none' is reserved for no level or all levels",
        "warning_levels.csv row 3: rank '1' is also the rank of an earlier level",
        "warning_levels.csv row 3: deadline_amount '0' is not a whole number from 1",
        "warning_levels.csv row 4: rank 'x' is not a whole number of 1 or more",
        "warning_levels.csv row 5: level 'any' is reserved for no level or all levels",
        "warning_levels.csv row 6: rank '02' is also the rank of an earlier level",
        "public_holidays.csv row 2: calendar_date '2021-02-30' is not a day",
        "public_holidays.csv row 3: kind 'sunday' is not one of holiday, working_day",
        "needs a secret of your own: set the environment variable CREDIT_INDICES_PSEUDONYM_KEY",
    ):
        assert message in built.message, message


def test_keys_are_hmac_sha256_and_depend_on_the_secret(monkeypatch):
    # RFC 2104 computed by hand: the key padded to 64 bytes, its bits flipped by 5c and by 36.
    padded = KEY.encode().ljust(64, b"\0")
    inner = hashlib.sha256(bytes(byte ^ 0x36 for byte in padded) + b"some id").digest()
    outer = hashlib.sha256(bytes(byte ^ 0x5C for byte in padded) + inner).hexdigest()
    monkeypatch.setenv(enterprise_codes.KEY_VARIABLE, KEY)
    assert enterprise_codes.pseudonym("some id", "file") == outer[:24]
    monkeypatch.setenv(enterprise_codes.KEY_VARIABLE, KEY + "?")
    assert enterprise_codes.pseudonym("some id", "file") != outer[:24]
    monkeypatch.delenv(enterprise_codes.KEY_VARIABLE)
    assert enterprise_codes.pseudonym("x", "seed")
    with pytest.raises(enterprise_codes.PseudonymKeyError):
        enterprise_codes.pseudonym("x", "file")


@pytest.mark.parametrize("key", ["x", "fifteen letters", f"{' ' * 20}short{' ' * 20}"])
def test_short_pseudonym_key_is_refused(key, monkeypatch):
    monkeypatch.setenv(enterprise_codes.KEY_VARIABLE, key)
    monkeypatch.chdir(PROJECT)
    for command in (build.build, publish.publish):
        with pytest.raises(build.BuildError, match=r"is too short: it has .* needs at least 16"):
            command()
    for origin in ("seed", "file"):
        with pytest.raises(enterprise_codes.PseudonymKeyError):
            enterprise_codes.pseudonym("x", origin)


@given(
    st.text(ALPHABET, min_size=17, max_size=17),
    st.integers(0, 16),
    st.sampled_from(ALPHABET),
)
def test_one_mistyped_character_is_always_found(body, place, other):
    """The weights are powers of 3, which are invertible modulo the prime 31."""
    mistyped = body[:place] + other + body[place + 1 :]
    assert (check_character(mistyped) == check_character(body)) == (mistyped == body)


@pytest.mark.parametrize(
    # Codes of well-known firms, from their own web pages; the first is python-stdnum's example.
    "code",
    ["91110000600037341L", "9144030071526726XG", "914403001922038216"],
)
def test_real_codes_have_the_right_check_character(code):
    assert check_character(code[:-1]) == code[-1]


def test_synthetic_seeds_are_reproducible_and_fictitious(tmp_path, monkeypatch):
    monkeypatch.chdir(PROJECT)
    enterprises.main(["--out", str(tmp_path)])
    coverage.main(["--out", str(tmp_path)])
    links.main(["--out", str(tmp_path)])
    names = sorted(path.name for path in SEEDS.glob("*.csv"))
    assert names == sorted(path.name for path in tmp_path.iterdir())
    for name in names:
        assert (tmp_path / name).read_bytes() == (SEEDS / name).read_bytes(), name
        assert name.startswith("synthetic_")
    lines = (SEEDS / "synthetic_enterprises.csv").read_text(encoding="utf-8").splitlines()[1:]
    assert len(lines) == 300
    for line in lines:
        code, name = line.split(",")[:2]
        assert code[2:8] == "000000" and check_character(code[:-1]) == code[-1]
        assert "synthetic" in name


def test_no_id_and_no_name_is_outside_the_schema_restricted(shipped):
    with duckdb.connect(str(shipped.warehouse), read_only=True) as connection:
        tables = connection.execute(
            "select table_schema, table_name, string_agg(format('\"{}\"', column_name), ', ') "
            "from information_schema.columns where table_schema <> 'restricted' "
            "and data_type = 'VARCHAR' and (table_schema in ('marts', 'quality', 'state') "
            "or table_name like 'int_warnings%') group by all"
        ).fetchall()
        assert len(tables) > 40
        for schema, table, columns in tables:
            # Prefix of every id of the seeds; every name contains "synthetic" in Chinese.
            found = connection.execute(
                f"""select count(*) from (select concat_ws('|', {columns}) as words
                from {schema}."{table}") where words like '%91000000%' or words like '%合成企业%'"""
            ).fetchone()
            assert found == (0,), (schema, table)


def test_publication_omits_identities(shipped, tmp_path):
    for also in ((), publish.RESTRICTED):
        work = tmp_path / "work" / "credit_indices.duckdb"
        work.parent.mkdir(exist_ok=True)
        shutil.copy(shipped.warehouse, work)
        copy = tmp_path / f"{len(also)}" / work.name
        copy.parent.mkdir()
        published_file.write(work, copy, also)
        mode = publish.PRIVATE if also else publish.PUBLIC
        publish._finish(copy.parent, mode)
        assert copy.stat().st_mode & 0o777 == (0o600 if also else 0o444)
        assert copy.parent.stat().st_mode & 0o777 == 0o755
        with duckdb.connect(str(copy), read_only=True) as connection:
            schemas = {
                name
                for (name,) in connection.execute(
                    "select distinct schema_name from duckdb_tables()"
                ).fetchall()
            }
            (n,) = connection.execute("select count(*) from marts.enterprise_status").fetchone()
        assert n == 300
        assert schemas.isdisjoint(publish.RESTRICTED) == (not also)


def test_another_secret_stops_the_build_before_any_event(faulty, runner, tmp_path):
    again = Warehouse(runner, faulty.path, tmp_path)
    folder = faulty.folder / "load"
    again.build(folder)
    with environment(CREDIT_INDICES_PSEUDONYM_KEY="another long key for tests"):
        other = runner.run(again.path, runner.select(*WARNINGS), folder)
    assert not other.succeeded
    assert "stored under another CREDIT_INDICES_PSEUDONYM_KEY" in other.message
    assert "Traceback" not in other.message


def test_user_data_exclude_synthetic_enterprises(runner, shipped, small, tmp_path):
    path = tmp_path / "credit_indices.duckdb"
    shutil.copy(shipped.warehouse, path)
    own = runner.run(
        path,
        runner.select(*WARNINGS, "credit_indices.marts.privacy"),
        small.write(tmp_path / "own figures"),
        full_refresh=True,
    )
    assert own.succeeded, own.message
    assert own.value("select count(*) from marts.enterprise_status") == 0
    assert own.value("select count(*) from quality.quarantined_events") == 0
    rules = DataDir({"warning_rules": rule_rows()}).write(tmp_path / "rules alone")
    tried = runner.run(path, runner.select(*WARNINGS), rules, full_refresh=True)
    assert tried.succeeded, tried.message
    assert tried.value("select count(*) from marts.enterprise_status") == 300


def test_second_shipped_build_replaces_the_first(runner, shipped, tmp_path):
    again = Warehouse(runner, shipped.warehouse, tmp_path)
    with duckdb.connect(str(again.state)) as connection:
        connection.execute("update events set amount = 1e9, occurred = timestamp '2021-12-30'")
    build = runner.run(again.path, runner.select(*WARNINGS))
    assert build.succeeded, build.message
    for name in MARTS:
        assert set(build.query(f"from {name}")) == set(shipped.query(f"from {name}")), name


def test_working_days_are_those_of_the_state_council(shipped):
    def after(day: str, n: int) -> date:
        return shipped.value(
            f"""
            select (date '1970-01-01' + cast(later.day as integer)) from
            intermediate.int_warnings__working_days as days
            inner join intermediate.int_warnings__working_days as later
            on later.is_working_day and later.working_day_number = days.working_day_number + {n}
            where days.day = date_diff('day', date '1970-01-01', date '{day}')
            """
        )

    assert after("2019-09-30", 1) == date(2019, 10, 8)  # National Day
    assert after("2019-10-11", 1) == date(2019, 10, 12)  # a Saturday that is worked
    assert after("2019-04-27", 1) == date(2019, 4, 28)  # from a Saturday to a worked Sunday
    assert after("2020-01-23", 1) == date(2020, 2, 3)  # the extended Spring Festival
    assert after("2020-09-30", 3) == date(2020, 10, 12)  # 9th, 10th (a Saturday), 12th
    assert after("2021-02-10", 3) == date(2021, 2, 20)  # 18th, 19th, 20th (a Saturday)
    assert after("2021-12-31", 1) == date(2022, 1, 4)


def test_shipped_warnings_are_plausible(shipped):
    levels = dict(
        shipped.query("select level, count(*) from marts.enterprise_status group by level")
    )
    assert sum(levels.values()) == 300
    assert levels["none"] > 200 and min(levels[name] for name in ("yellow", "orange", "red")) > 0
    # The level of an enterprise is that of an open warning.
    assert (
        shipped.value(
            "select count(*) from marts.enterprise_status as status where level <> 'none' "
            "and not exists (select 1 from marts.enterprise_warnings as warnings "
            "where warnings.enterprise_key = status.enterprise_key "
            "and warnings.level = status.level and warnings.closed_at is null)"
        )
        == 0
    )
    # T+24 hours are hours; T+1 is the end of a working day.
    assert shipped.value(
        "select min(due_at - opened_at) = interval 24 hours and max(due_at - opened_at) = "
        "interval 24 hours from marts.enterprise_warnings where level = 'red'"
    )
    assert (
        shipped.value(
            "select count(*) from marts.enterprise_warnings where level <> 'red' "
            "and (due_at <> date_trunc('day', due_at) or due_at < opened_at + interval 1 day "
            "and level = 'orange')"
        )
        == 0
    )
    assert shipped.value("select min(share_desensitised) from marts.desensitised_fields") >= 0.7


def test_money_at_risk_is_that_of_open_warnings(shipped):
    with open(SEEDS / "synthetic_enterprises.csv", encoding="utf-8") as stream:
        exposures = {row["enterprise_id"]: row["exposure"] for row in csv.DictReader(stream)}
    worst = {}
    for enterprise, rank, overdue in shipped.query(
        "select enterprise_id, level_rank, overdue from marts.enterprise_warnings "
        "join restricted.int_warnings__enterprises using (enterprise_key) "
        "join intermediate.int_warnings__levels using (level) where closed_at is null"
    ):
        highest, is_overdue, warnings = worst.get(enterprise, (0, False, 0))
        worst[enterprise] = max(highest, rank), is_overdue or overdue, warnings + 1
    levels = defaultdict(list)
    for enterprise, (rank, is_overdue, warnings) in worst.items():
        levels[rank].append((warnings, is_overdue, float(exposures[enterprise])))
    expected = set()
    for rank, found in levels.items():
        warnings, overdue, money = zip(*found, strict=True)
        is_suppressed = len(found) < 5 or max(money) > sum(money) / 2
        total = None if is_suppressed else float(f"{sum(money):.1e}")
        counts = len(found), sum(warnings), sum(overdue), len(found)
        expected.add((rank, *counts, total, is_suppressed))
    found = shipped.query(
        "select level_rank, enterprises, warnings, overdue, with_exposure, total_exposure, "
        "is_suppressed from marts.warning_exposure"
    )
    assert set(found) == expected
