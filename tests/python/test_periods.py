"""Periods that are not evenly spaced: quarters, months, surveys; expected values by hand."""

import datetime
from collections.abc import Sequence

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from conftest import INDEX_COLUMNS, DataDir, rows

pytestmark = pytest.mark.marts(
    "index_scores", "index_periods", "input_warnings", "quarantined_observations"
)

Periods = Sequence[str | int]


def a_folder(
    indices: dict[str, tuple[Periods, Sequence[float]]],
    periods: str = "",
    references: dict[str, str] | None = None,
    gap: int = 1,
) -> DataDir:
    """Indices of two indicators; unit a lacks the second period, or another `gap`, of one."""
    observations = []
    for code, (names, values) in indices.items():
        for number, (period, value) in enumerate(zip(names, values, strict=True)):
            for unit in "ab":
                observed = {f"{code}_full": number + (unit == "b"), f"{code}_gap": value}
                if unit == "a" and number == gap:
                    del observed[f"{code}_gap"]
                observations += [
                    {
                        "unit_id": unit,
                        "period": period,
                        "indicator_code": name,
                        "value": observation,
                    }
                    for name, observation in observed.items()
                ]
    policies = {"full": "fail", "gap": "interpolate"}
    indicators = [(code, part) for code in indices for part in policies]
    return DataDir(
        {
            "observations": observations,
            "units": rows("unit_id,name_en,name_zh,region\na,Alpha,,\nb,Beta,,"),
            "indicators": rows(
                "indicator_code,name_en,name_zh,unit,source_agency,data_origin,lower_bound,"
                "upper_bound,missing_policy\n"
                + "\n".join(
                    f"{code}_{part},{code},,x,me,user,,,{policies[part]}"
                    for code, part in indicators
                )
            ),
            "indices": rows(
                f"{INDEX_COLUMNS},reference_last_period\n"
                + "\n".join(
                    f"{code},{code},,min_max,,,pooled,equal,weighted_mean,"
                    + (references or {}).get(code, "")
                    for code in indices
                )
            ),
            "index_nodes": rows(
                "index_code,node_code,parent_code,name_en,name_zh,fixed_weight\n"
                + "\n".join(f"{code},{code},,,," for code in indices)
            ),
            "index_indicators": rows(
                "index_code,indicator_code,node_code,direction\n"
                + "\n".join(f"{code},{code}_{part},{code},1" for code, part in indicators)
            ),
            **({"periods": rows("period,label,starts_on\n" + periods)} if periods else {}),
        }
    )


def filled(result) -> dict[str, float]:
    assert result.succeeded, result.message
    return dict(
        result.query(
            "select members.index_code, cells.value from intermediate.int_index__imputed_cells "
            "as cells inner join intermediate.int_index__members as members using (member_key)"
        )
    )


CODINGS = {
    # A quarter after 30 and one before 50.
    "quarters": ((20243, 20244, 20251), (30, None, 50), 40, "quarter"),
    "written_quarters": (("2024Q3", "2024-Q4", "2025q1"), (30, None, 50), 40, "quarter"),
    "months": ((202411, 202412, 202501), (10, None, 20), 15, "month"),
    "written_months": (("2024-11", "2024M12", "2025-01"), (10, None, 20), 15, "month"),
    # Two of eight years.
    "years": ((2010, 2012, 2018), (10, None, 50), 20, "year"),
    "half_years": (("2023H2", "2024H1", "2024-S2"), (10, None, 30), 20, "half_year"),
    # The 29th is one of three days on the way from the 28th of February to the 2nd of March.
    "days": (("2024-02-28", "2024-02-29", "2024-03-02"), (0, None, 30), 10, "day"),
    "day_numbers": ((20240228, 20240229, 20240302), (0, None, 30), 10, "day"),
    "last_days": (("2023-09-30", "2023-12-31", "2024-03-31"), (0, None, 10), 5, "quarter"),
    # Integers that are no coding: one of three.
    "numbers": ((101, 102, 104), (0, None, 30), 10, "integer"),
    "negative_numbers": ((-5, -4, -2), (0, None, 30), 10, "integer"),
}


def of_codings() -> dict[str, tuple[Periods, Sequence[float]]]:
    return {
        code: (periods, [0 if value is None else value for value in values])
        for code, (periods, values, _, _) in CODINGS.items()
    }


def test_interpolation_counts_steps_of_the_frequency(build):
    """Indices of all codings lie in one folder."""
    result = build(a_folder(of_codings()))
    assert filled(result) == {
        code: pytest.approx(expected) for code, (_, _, expected, _) in CODINGS.items()
    }
    assert result.value("select count(*) from quality.quarantined_observations") == 0
    assert dict(
        result.query("select index_code, any_value(frequency) from marts.index_periods group by 1")
    ) == {code: frequency for code, (_, _, _, frequency) in CODINGS.items()}
    assert result.query(
        "select period, label, starts_on, step from marts.index_periods "
        "where index_code = 'written_quarters' order by period"
    ) == [
        (20243, "2024Q3", datetime.date(2024, 7, 1), 8098),
        (20244, "2024Q4", datetime.date(2024, 10, 1), 8099),
        (20251, "2025Q1", datetime.date(2025, 1, 1), 8100),
    ]
    assert result.query(
        "select rule, value from quality.input_warnings where rule like 'periods%' order by 2"
    ) == [
        ("periods_are_evenly_spaced", "-2"),
        ("periods_are_evenly_spaced", "104"),
    ]


def test_table_periods_sets_distances_of_waves(build):
    waves = """1,Wave 1,2010-07-01
        2,Wave 2,2012-07-01
        3,,2018-07-01
        20243,Third,2024-07-01
        20244,Fourth,2024-10-01
        20251,First,2025-01-01
        2024,Year,2024-01-01"""
    indices = {
        "waves": ((1, 2, 3), (10, 0, 50)),
        "quarters": ((20243, 20244, 20251), (30, 0, 50)),
        "unlisted": ((2010, 2012, 2018), (10, 0, 50)),
    }
    result = build(a_folder(indices, waves, references={"waves": "2", "quarters": "2024Q4"}))
    assert filled(result) == pytest.approx({"waves": 20, "quarters": 40, "unlisted": 20})
    assert result.query(
        "select period, label, starts_on, frequency, step from marts.index_periods "
        "where index_code = 'waves' order by period"
    ) == [
        (1, "Wave 1", datetime.date(2010, 7, 1), "year", 2010),
        (2, "Wave 2", datetime.date(2012, 7, 1), "year", 2012),
        (3, "3", datetime.date(2018, 7, 1), "year", 2018),
    ]
    ((rule, value, reason),) = result.query(
        "select rule, value, reason from quality.input_warnings where rule like 'periods%'"
    )
    assert (rule, value) == ("periods_are_listed", "2010")
    assert "of the index unlisted are not listed in periods" in reason


def test_dates_in_parquet_are_periods(build, tmp_path):
    data = a_folder({"years": ((2010, 2012, 2018), (10, 0, 50))})
    observations = data.tables.pop("observations")
    folder = data.write(tmp_path / "dates")
    table = pa.Table.from_pylist(
        [{**row, "period": datetime.date(row["period"], 1, 1)} for row in observations]
    )
    pq.write_table(table, folder / "observations.parquet")
    result = build(folder)
    assert filled(result) == {"years": pytest.approx(20)}
    assert result.query(
        "select period, label, frequency from marts.index_periods order by period"
    ) == [
        (20100101, "2010-01-01", "year"),
        (20120101, "2012-01-01", "year"),
        (20180101, "2018-01-01", "year"),
    ]


def test_periods_without_an_order_stop_the_build(build):
    waves = """201,,2010-07-01
        202,,2012-07-01
        301,,2012-01-01
        302,,2010-01-01
        302,,2010-01-01
        303,,2010-01-01
        304,,
        305,,2012-02-30
        2024Q5,,2024-01-01
        ,,2024-01-01
        2020,,2020-01-01
        20201,,2020-01-01"""
    indices = {
        "mixed": (("2023Q3", "2023Q4", "2024Q1", "2024"), (1, 2, 3, 4)),
        "no_quarter": ((20243, 20244, 20245, 20251), (1, 2, 3, 4)),
        "no_year": ((2023, 2024, 202412), (1, 2, 3)),
        "partly": ((201, 202, 203), (1, 2, 3)),
        "disordered": ((301, 302), (1, 2)),
        "twice": ((2020, 20201), (1, 2)),
        "reference": ((2021, 2022, 2023), (1, 2, 3)),
    }
    data = a_folder(indices, waves, references={"reference": "20224"}, gap=9)
    result = build(data)
    assert not result.succeeded
    for message in [
        "periods.csv row 6: period '302' is already in row 5",
        "periods.csv row 7: starts_on '2010-01-01' of the period 303 is also that of row 5",
        "periods.csv row 8: starts_on is empty: give the first day of the period",
        "periods.csv row 9: starts_on '2012-02-30' is not a date",
        "periods.csv row 10: period '2024Q5' is not an integer (of 32 bits), quarter (2020Q1)",
        "periods.csv row 11: period is empty",
        "observations: period '2024' of mixed_full in the index mixed is a year, but 20233 is a "
        "quarter: the periods of an index must have one frequency",
        "observations: period '20245' of no_quarter_full in the index no_quarter is an integer "
        "that is not a year, half year, quarter, month or day, but 20243 is a quarter",
        "observations: period '202412' of no_year_full in the index no_year is a month, but "
        "2023 is a year",
        "observations: period '203' of partly_full in the index partly is not listed in periods",
        "periods: period '302' of the index disordered starts on 2010-01-01, before 301 "
        "(2012-01-01): number the periods of an index in chronological order",
        "periods: period '20201' of the index twice starts on 2020-01-01, as 2020 does",
        "indices.csv row 8: reference_last_period '20224' is not a possible period of the index "
        "reference, whose periods are such as 2021",
    ]:
        assert message in result.message
    assert "13 fault(s)" in result.message


def test_mixed_frequencies_are_refused(build):
    data = a_folder({"x": ((20241, 20242, 20243, 20244), (1, 2, 3, 4))}, gap=9)
    for row in data.tables["observations"]:
        if row["indicator_code"] == "x_gap":
            row["period"] = 2021 + int(row["period"]) % 10
    result = build(data)
    assert not result.succeeded
    assert "period '2022' of x_gap in the index x is a year, but" not in result.message
    assert "of x_full in the index x is a quarter, but 2022 is a year" in result.message


def test_half_years_that_look_like_quarters_are_named(build):
    indices = {
        "halves": ((20231, 20232, 20241, 20242), (1, 2, 3, 4)),
        "quarters_as_months": (
            (202301, 202302, 202303, 202304, 202401, 202402, 202403, 202404),
            range(8),
        ),
        "quarters": ((20233, 20234, 20241, 20242), (1, 2, 3, 4)),
        "first_quarters": ((20231, 20241), (1, 2)),
    }
    result = build(a_folder(indices, gap=9))
    assert result.succeeded, result.message
    named = result.query("select rule, reason from quality.input_warnings order by reason")
    assert [rule for rule, _ in named] == ["period_is_what_its_digits_say"] * 2
    assert "halves are read as quarters, but no year has one after number 2" in named[0][1]
    assert "write quarters as 2020Q1" in named[1][1]


def test_unreadable_periods_are_quarantined_and_mixes_named(build):
    data = a_folder({"x": ((20241, 20242), (1, 2))}, gap=9)
    texts = ["2024Q5", "2024-1", "2024-13", "2024H3", "2023-02-29", "Q1", "0999Q1"]
    data.tables["observations"] += [
        {"unit_id": "a", "period": text, "indicator_code": "x_full", "value": 1} for text in texts
    ]
    # In no index, so the build does not stop.
    data.tables["indicators"].append({**data.tables["indicators"][0], "indicator_code": "lone"})
    data.tables["observations"] += [
        {"unit_id": "a", "period": period, "indicator_code": "lone", "value": 1}
        for period in ("2024", "2024Q1")
    ]
    result = build(data)
    assert result.succeeded, result.message
    ((rule, value, reason),) = result.query(
        "select rule, value, reason from quality.input_warnings"
    )
    assert (rule, value) == ("periods_have_one_frequency", "lone")
    assert "has periods of several frequencies, such as 2024 and 20241" in reason
    quarantined = result.query("select value, reason from quality.quarantined_observations")
    assert sorted(value for value, _ in quarantined) == sorted(texts)
    for _, reason in quarantined:
        assert reason == (
            "period is not an integer (of 32 bits), quarter (2020Q1), month (2020-01), half year "
            "(2020H1) or day (2020-01-31); a year is digits only, such as 2020"
        )
