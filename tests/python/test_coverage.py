"""Credit coverage: counts by month against brute force, faulty records, intervals, suppression."""

import re
from datetime import date

import coverage_folder as folder
import pytest
from conftest import PROJECT, DataDir
from coverage_folder import AS_OF, GROUPS, Warehouses, consents_to, record
from statsmodels.stats.proportion import proportion_confint
from test_early_warning import enterprise_rows

COUNTS = ("int_coverage__cells", "coverage_findings", "quarantined_coverage")
CELLS = "from restricted.int_coverage__cells"


@pytest.fixture(scope="module")
def warehouses(runner, seeded_warehouse, tmp_path_factory):
    return Warehouses(runner, seeded_warehouse, tmp_path_factory.mktemp("coverage"))


def build(warehouses, tables, *names, **variables):
    built = warehouses.build(DataDir(tables), *(names or COUNTS), **variables)
    assert built.succeeded, built.message
    return built


def cells_of(built) -> dict:
    names = ", ".join(f"n_{group}" for group in GROUPS)
    return {
        (month, province, size, group): n
        for month, province, size, *counted in built.query(
            f"select month_begin, province_code, size_class, {names} {CELLS}"
        )
        for group, n in zip(GROUPS, counted, strict=True)
    }


@pytest.fixture(scope="module")
def random_given():
    return folder.random_tables(600, seed=3)


@pytest.fixture(scope="module")
def random_built(warehouses, random_given):
    return build(warehouses, random_given, *COUNTS, "credit_coverage", coverage_months=24)


def test_counts_are_those_of_brute_force(random_given, random_built):
    found, expected = cells_of(random_built), folder.counts(random_given, 24)
    assert {key: n for key, n in found.items() if n} == dict(expected)
    assert len({month for month, *_ in found}) == 24
    assert sum(n for (*_, group), n in found.items() if group == "both") > 100


def test_every_cell_obeys_inclusion_and_exclusion(random_built):
    either = "n_either = n_bank + n_alternative - n_both and n_only_alternative = n_either - n_bank"
    assert random_built.value(f"select count(*) > 800 and bool_and({either}) {CELLS}")


def test_margins_are_sums_of_cells(random_built):
    for sum_over, kept in (("province_code", "size_class"), ("size_class", "province_code")):
        assert random_built.value(f"""
            select bool_and(all_of_them = summed) from (
                select sum(n_either) filter ({sum_over} = 'all') as all_of_them,
                    sum(n_either) filter ({sum_over} <> 'all') as summed
                {CELLS} group by {kept}, month_begin
            )""")


def test_counts_at_the_ends_of_months_by_hand(warehouses):
    a, b, c = enterprise_rows(3)
    a |= {"registered_on": "2021-04-30", "closed_on": ""}  # in the register from April on
    b |= {"registered_on": "2020-01-01", "closed_on": "2021-05-31"}  # to April
    c |= {"registered_on": "2020-01-01", "closed_on": "2021-06-01"}  # to May
    records = [
        record(a, "bank", "2021-03-01", "2021-05-30"),  # April: before that not registered
        record(b, "alternative", "2021-04-30", "2021-04-30"),  # April
        record(b, "alternative", "2021-05-01"),  # May and June: closed
        record(c, "bank", "2021-03-31", "2021-04-15"),  # March
        record(c, "bank", "2021-04-10", "2021-05-31"),  # with the one before: March to May
        record(c, "alternative", "2021-05-02", "9999-12-31"),  # May; closed in June
    ]
    built = build(warehouses, folder.tables([a, b, c], records), coverage_months=4)
    found = built.query(
        "select month_begin, n_register, n_bank, n_alternative, n_either, n_both, "
        f"n_only_alternative, n_no_consent {CELLS} "
        "where province_code = 'all' and size_class = 'all' order by 1"
    )
    assert found == [
        (date(2021, 3, 1), 2, 1, 0, 1, 0, 0, 0),
        (date(2021, 4, 1), 3, 2, 1, 3, 0, 1, 0),
        (date(2021, 5, 1), 2, 1, 1, 1, 1, 0, 0),
        (date(2021, 6, 1), 1, 0, 0, 0, 0, 0, 0),
    ]
    assert built.query("select code, n, message from marts.coverage_findings") == [
        (
            "closed_enterprise_is_covered",
            2,
            "2 record(s) of 2 closed enterprise(s) last beyond closed_on (first: "
            "coverage_records.csv row 4). Coverage from that day on does not count. End these "
            "records, or correct closed_on.",
        )
    ]


def test_incomplete_last_month_is_left_out(warehouses):
    (a,) = enterprise_rows(1)
    given = folder.tables([a], [record(a, "bank", "2021-01-01")])
    built = build(warehouses, given, coverage_months=2, as_of_date="2021-06-29")
    assert built.query(f"select distinct month_begin {CELLS} order by 1") == [
        (date(2021, 4, 1),),
        (date(2021, 5, 1),),
    ]


def test_enterprises_without_dates_count_in_every_month(warehouses):
    rows = enterprise_rows(9)
    built = build(warehouses, folder.tables(rows, [record(rows[0], "bank", "2021-01-01")]))
    assert built.query(f"select distinct n_register {CELLS} where province_code = 'all'") == [(9,)]
    ((code, n, message),) = built.query("from marts.coverage_findings")
    assert (code, n) == ("enterprise_without_registered_on", 9)
    assert message == (
        "9 of 9 enterprise(s) have no registered_on. They are in the register from the first "
        "month on. Supply the column to count the register as of each month."
    )


DAY = "is not a day such as 2020-02-29"
FAULTS = [
    ({"enterprise_id": ""}, "enterprise_id", "enterprise_id is empty"),
    (
        {"enterprise_id": "91000000KB38B27B00"},
        "enterprise_id",
        "enterprise_id is unknown: enterprises are listed in enterprises",
    ),
    ({"source": ""}, "source", "source is empty"),
    ({"kind": "utility"}, "kind", "kind is not one of bank, alternative"),
    ({"kind": ""}, "kind", "kind is not one of bank, alternative"),
    ({"first_day": ""}, "first_day", f"first_day {DAY}"),
    ({"first_day": "2021-02-30"}, "first_day", f"first_day {DAY}"),
    (
        {"last_day": "today"},
        "last_day",
        f"last_day {DAY}; leave it empty if the coverage lasts",
    ),
    ({"last_day": "2020-12-31"}, "last_day", "last_day is before first_day"),
    (
        {"kind": "x", "last_day": "2020-12-31"},
        "kind",
        "kind is not one of bank, alternative; last_day is before first_day",
    ),
]


def test_invalid_records_are_quarantined_and_none_is_lost(warehouses):
    rows = enterprise_rows(4)
    rows[1] |= {"registered_on": "2020-01-01", "closed_on": "2019-01-01"}
    rows[2] |= {"registered_on": "soon", "closed_on": "later"}
    valid = [record(row, "bank", "2021-01-01") for row in rows]
    faulty = [valid[0] | fault for fault, _, _ in FAULTS]
    built = build(warehouses, folder.tables(rows, valid + faulty), *COUNTS, "quarantined_events")
    assert built.query(
        "select source_row, column_name, reason, value from quality.quarantined_coverage order by 1"
    ) == [(6 + n, column, reason, None) for n, (_, column, reason) in enumerate(FAULTS)]
    assert built.value("select count(*) from restricted.int_coverage__records") == len(valid)
    # A day of the register that cannot be used leaves the enterprise in every month.
    assert built.query(
        "select source_row, column_name, reason from quality.quarantined_events order by 1"
    ) == [
        (
            3,
            "closed_on",
            "closed_on is before registered_on; coverage counts the enterprise in every month",
        ),
        (
            4,
            "registered_on",
            f"registered_on {DAY}; coverage counts the enterprise from the first month on; "
            f"closed_on {DAY}; coverage counts the enterprise to the last month",
        ),
    ]
    assert built.query(f"select distinct n_register {CELLS} where province_code = 'all'") == [(4,)]


def test_parquet_of_days_and_times_is_read(warehouses, tmp_path):
    pd = pytest.importorskip("pandas")
    rows = enterprise_rows(2)
    given = folder.tables(rows, [])
    del given["coverage_records"]
    place = DataDir(given).write(tmp_path / "data")
    frame = pd.DataFrame([record(row, "bank", "2021-01-01", "2021-04-30") for row in rows])
    frame["first_day"] = pd.to_datetime(frame.first_day).dt.date
    frame["last_day"] = pd.to_datetime(frame.last_day)
    frame.to_parquet(place / "coverage_records.parquet", index=False)
    built = warehouses.build(place, *COUNTS, coverage_months=3)
    assert built.succeeded, built.message
    query = f"select n_bank {CELLS} where province_code = 'all' and size_class = 'all' order by "
    assert built.query(f"{query} month_begin") == [(2,), (0,), (0,)]


def test_own_enterprises_replace_the_synthetic_records(warehouses):
    rows = enterprise_rows(3)
    given = folder.tables(rows, [])
    del given["coverage_records"]
    built = build(warehouses, given)
    assert built.value("select count(*) from restricted.int_coverage__records_validated") == 0
    assert built.value("select count(*) from quality.quarantined_coverage") == 0


def test_wilson_intervals_are_those_of_statsmodels(warehouses, random_given, random_built):
    query = "select count(*) from marts.credit_coverage where share_low is not null"
    assert random_built.value(query) == 0
    sample = {"coverage_months": 6, "register_is_sample": True, "smallest_cell": 1}
    built = build(warehouses, random_given, "credit_coverage", **sample)
    found = built.query("""
        select groups.n_enterprises, registers.n_enterprises, groups.share, groups.share_low,
            groups.share_high
        from marts.credit_coverage as groups
        inner join marts.credit_coverage as registers
            using ("month", province_code, size_class)
        where registers.group_code = 'register' and groups.group_code <> 'register'
            and not groups.is_suppressed and registers.n_enterprises > 0
    """)
    assert len(found) > 500
    for n, register, share, low, high in found:
        assert share == pytest.approx(n / register, rel=1e-11)
        expected = proportion_confint(n, register, method="wilson")
        assert (low, high) == pytest.approx(expected, rel=1e-9, abs=1e-12)


@pytest.mark.parametrize(
    ("name", "variables", "message"),
    [
        (
            "int_coverage__months",
            {"coverage_months": 0},
            "coverage_months is '0'; expected a whole number of months from 1 to 1000, such as 36.",
        ),
        (
            "int_coverage__months",
            {"coverage_months": "two years"},
            "coverage_months is 'two years'; expected a whole number of months from 1 to 1000",
        ),
        (
            "credit_coverage",
            {"register_is_sample": "maybe"},
            "register_is_sample is 'maybe'; expected true or false.",
        ),
    ],
)
def test_wrong_settings_are_refused(warehouses, name, variables, message):
    rows = enterprise_rows(1)
    given = folder.tables(rows, [record(rows[0], "bank", "2021-01-01")])
    built = warehouses.build(DataDir(given), name, **variables)
    assert not built.succeeded
    assert message in built.message


def test_shipped_claims_are_beside_the_papers_values(warehouses):
    built = warehouses.shipped
    found = dict(
        (code, (published, computed))
        for code, published, computed in built.query(
            "select claim_code, published_share, computed_share from marts.coverage_claims"
        )
    )
    assert {code: published for code, (published, _) in found.items()} == {
        "bank_coverage": 0.65,
        "alternative_coverage": 0.4,
        "coverage_aim": 0.9,
        "suzhou_2019": 0.62,
        "suzhou_2023": 0.8452,
        "recognition_hangzhou": 0.85,
        "recognition_shenzhen": 0.85,
    }
    shares = dict(
        built.query("""
            select group_code || case when "month" = date '2019-01-01' then ' first' else '' end,
                share
            from marts.credit_coverage where province_code = 'all' and size_class = 'all'
                and "month" in (date '2019-01-01', date '2021-12-01')
        """)
    )
    assert found["suzhou_2019"][1] == shares["either first"]
    assert found["suzhou_2023"][1] == found["coverage_aim"][1] == shares["either"]
    assert found["bank_coverage"][1] == shares["bank"]
    assert found["alternative_coverage"][1] == shares["alternative"]
    assert built.query("select distinct data_origin from marts.coverage_claims") == [("synthetic",)]


def test_as_of_date_is_that_of_the_early_warning(random_built):
    assert random_built.value(f"select max(month_begin) {CELLS}") == date.fromisoformat(
        AS_OF
    ).replace(day=1)


def test_consents_to_other_uses_do_not_count(warehouses):
    rows = enterprise_rows(2)
    records = [record(row, "bank", "2021-01-01") for row in rows]
    consents = consents_to("coverage", rows[:1]) + consents_to("ratings", rows[1:])
    built = build(warehouses, folder.tables(rows, records, consents), coverage_months=1)
    query = f"select n_bank, n_no_consent {CELLS} where province_code = 'all' limit 1"
    assert built.query(query) == [(1, 1)]
    assert built.value(
        "select message from marts.coverage_findings where code = 'coverage_without_consent'"
    ) == (
        "1 record(s) of 1 enterprise(s) that never consented to the use of coverage are not used "
        "(first: coverage_records.csv row 3). If they did, add rows of class coverage to "
        "enterprise_consents."
    )


PAGE = (PROJECT / "docs/methods/coverage.md").read_text(encoding="utf-8")
QUERIES = re.findall(r"(?ms)^```sql\n(.*?)^```\n\n((?:^\|.*?\|\n)+)", PAGE)


def as_text(value) -> str:
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)


@pytest.mark.parametrize(("query", "printed"), QUERIES)
def test_documented_queries_give_the_pasted_results(warehouses, query, printed):
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")] for line in printed.splitlines()[2:]
    ]
    assert [[as_text(value) for value in row] for row in warehouses.shipped.query(query)] == rows


def test_four_queries_are_documented():
    assert len(QUERIES) == 4
