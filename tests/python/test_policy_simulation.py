"""Policy cases: readings by hand, bounds by brute force, failed simulations, a city."""

import csv
import itertools
import math

import numpy as np
import pytest
from conftest import PROJECT, rows
from test_index_engine import an_index

pytestmark = pytest.mark.marts(
    "policy_simulation",
    "panel_estimates",
    "panel_fits",
    "index_scores",
    "input_warnings",
    tested=True,
)

COLUMNS = (
    "case_code,title,spec_code,term,unit_id,period,from_value,to_value,value_decimals,"
    "change_percent,printed_change,printed_decimals,actual_change"
)
PRINTED = {
    "Table 3": -0.72,
    "Table 4, east": -0.65,
    "Table 4, central+west": -0.81,
    "section 4.3.3, 2SLS": -0.68,
    "section 4.3.3, outcome comprehensive financial risk index": -0.65,
}
READINGS = {
    "level": lambda start, end, sd: end - start,
    "times_100": lambda start, end, sd: 100 * (end - start),
    "standard_deviations": lambda start, end, sd: (end - start) / sd,
    "relative": lambda start, end, sd: end / start - 1,
    "logarithm": lambda start, end, sd: np.log(end / start),
    "per_doubling": lambda start, end, sd: np.log2(end / start),
}


def simulated(result, columns: str, where: str = "true") -> list[tuple]:
    assert result.succeeded, result.message
    return result.query(
        f"select {columns} from marts.policy_simulation where {where} "
        "order by case_code, coefficient_source, reading"
    )


def seed(name: str) -> list[dict[str, str]]:
    with open(PROJECT / "seeds" / name, encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


# The shipped cases -------------------------------------------------------------------------------


def test_suzhou_under_every_reading_as_by_hand(shipped):
    # 0.0095 - 0.0042 = 0.0053; / 0.0026 = 2.038462; / 0.0042 = 1.261905;
    # ln(2.261905) = 0.816207; / ln 2 = 1.177538
    deltas = {
        "level": 0.0053,
        "times_100": 0.53,
        "standard_deviations": 2.038462,
        "relative": 1.261905,
        "logarithm": 0.816207,
        "per_doubling": 1.177538,
    }
    found = simulated(
        shipped,
        "coefficient_source, reading, coefficient, delta, simulated_change, share_explained",
        "case_code = 'suzhou' and interval_type = 'rounding'",
    )
    assert {row[:2] for row in found} == set(itertools.product(PRINTED, READINGS))
    for source, reading, coefficient, delta, change, share in found:
        assert coefficient == PRINTED[source]
        assert delta == pytest.approx(deltas[reading], abs=1e-6)
        assert change == pytest.approx(PRINTED[source] * deltas[reading], abs=1e-6)
        assert share == pytest.approx(change / -1.2, rel=1e-9)
    changes = {row[:2]: row[4] for row in found}
    assert changes["Table 3", "per_doubling"] == pytest.approx(-0.848, abs=0.0005)
    assert changes["section 4.3.3, 2SLS", "relative"] == pytest.approx(-0.858, abs=0.0005)


def test_readings_that_fit_the_published_change_of_suzhou(shipped):
    assert simulated(
        shipped, "coefficient_source, reading", "case_code = 'suzhou' and fits_printed"
    ) == [
        ("Table 3", "per_doubling"),
        ("Table 4, east", "relative"),
        ("section 4.3.3, 2SLS", "relative"),
        ("section 4.3.3, outcome comprehensive financial risk index", "relative"),
    ]
    # 7.1: a tenth more is 0.7 points less. log2(1.1) = 0.1375, and 0.72 of it 0.099.
    assert simulated(shipped, "reading", "case_code = 'ten_percent' and fits_printed") == []
    (found,) = simulated(
        shipped,
        "simulated_change",
        "case_code = 'ten_percent' and coefficient_source = 'Table 3' and reading = 'per_doubling'",
    )
    assert found[0] == pytest.approx(-0.099, abs=0.0005)


def test_the_cases_are_those_of_the_paper():
    suzhou, *_, ten_percent = (
        row
        for row in seed("catalog/policy_cases.csv")
        if row["case_code"][:5] in ("suzho", "ten_p")
    )
    (ratio,) = (
        row
        for row in seed("published/song_liu_2025_table_5.csv")
        if row["measure_code"] == "npl_ratio"
    )
    assert float(suzhou["actual_change"]) == float(ratio["change"])
    assert suzhou["printed_change"] == ratio["simulated"]
    assert suzhou["printed_decimals"] == ratio["simulated_decimals"]
    (index,) = (
        row
        for row in seed("published/song_liu_2025_table_2.csv")
        if row["variable_code"] == "scdbi"
    )
    assert ten_percent["from_value"] == index["mean"]


def test_document_shows_the_marts_values(shipped):
    text = (PROJECT / "docs/methods/policy_simulation.md").read_text(encoding="utf-8")
    printed = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in text.splitlines()
        if line.startswith("| -0.")
    ]
    found = {
        row[:2]: row[2:]
        for row in simulated(
            shipped,
            "coefficient_source, reading, simulated_change, share_explained, fits_printed",
            "case_code = 'suzhou'",
        )
    }
    assert len(printed) == len(PRINTED)
    for source, *cells in printed:
        coefficient, source = source.split(", ", 1)
        assert float(coefficient) == PRINTED[source]
        for reading, cell in zip(READINGS, cells, strict=True):
            change, share, fits = found[source, reading]
            expected = f"{change:.3f} ({100 * share:.0f} %)"
            assert cell == (f"**{expected}**" if fits else expected)


def test_suzhou_is_marked_as_outside_the_frame(shipped):
    for in_panel, message in simulated(shipped, "is_in_panel, message", "case_code = 'suzhou'"):
        assert in_panel is False
        assert "outside the frame: unit_id 3205 has no value of scdbi" in message
    another_outcome = simulated(
        shipped,
        "coefficient_source",
        "case_code = 'suzhou' and message like '%has another outcome%'",
    )
    assert set(another_outcome) == {(list(PRINTED)[-1],)}


@pytest.mark.parametrize(
    ("case", "spec", "term", "end"),
    [
        ("suzhou", "baseline", "scdbi_ex_npl", 0.0095),
        ("suzhou", "baseline_replication", "scdbi", 0.0095),
        ("gansu_ten_percent", "baseline", "scdbi_ex_npl", None),
        ("gansu_to_average", "baseline", "scdbi_ex_npl", 1 / 310),
    ],
)
def test_an_estimate_is_per_unit_of_its_variable(shipped, case, spec, term, end):
    start = (
        0.0042
        if case == "suzhou"
        else shipped.value(
            "select score from marts.index_scores where index_code = 'scdbi_ex_npl' "
            "and scheme = 'headline' and unit_id = '62' and period = 2020"
        )
    )
    estimate, low, high = shipped.query(
        "select estimate, ci_low_cr3, ci_high_cr3 from marts.panel_estimates "
        f"where spec_code = '{spec}' and term = '{term}'"
    )[0]
    delta = 100 * ((1.1 * start if end is None else end) - start)
    assert delta > 0
    ((*found, kind, in_panel),) = simulated(
        shipped,
        'delta, simulated_change, "lower", "upper", interval_type, is_in_panel',
        f"case_code = '{case}' and coefficient_source = '{spec}' and reading = 'as_estimated'",
    )
    assert found == pytest.approx([delta, estimate * delta, low * delta, high * delta], rel=1e-9)
    assert (kind, in_panel) == ("95 % CR3", case != "suzhou")


def test_all_shipped_cases_are_simulated(shipped):
    assert simulated(shipped, "case_code", "status <> 'simulated'") == []


# A user's own cases ------------------------------------------------------------------------------


def own_cases(*cases: str):
    """Six units in four periods and some regressions; `cases` are lines of policy_cases."""
    generator = np.random.default_rng(5)
    cells = [(unit, period) for unit in "abcdef" for period in (1, 2, 3, 4)]
    observed = {
        code: dict(zip(cells, generator.uniform(1, 9, len(cells)).round(3), strict=True))
        for code in "ab"
    }
    data = an_index(observed, "min_max,,,pooled,equal,weighted_share")
    for number, unit in enumerate(data.tables["units"]):
        unit["region"] = "north" if number < 4 else "south"
    data.tables["panel_variables"] = rows("""
        variable_code,source_kind,source_code,transform,scale,label_en
        y,indicator,a,identity,1,Y
        x,indicator,b,identity,10,"X, tenths"
        ln x,indicator,b,log,2,log X
        score,index_score,x,identity,100,Index
        trend,period,,identity,1,Period
    """)
    data.tables["panel_specs"] = rows("""
        spec_code,table_code,title,formula,sample_region,cluster
        linear,,,y ~ x | unit_id,,unit_id
        logs,,,y ~ `ln x` | unit_id,,unit_id
        scored,,,y ~ score | unit_id,,unit_id
        robust,,,y ~ x | 0,,
        north,,,y ~ x | unit_id,north,unit_id
        split,,,y ~ x | period,north vs south,unit_id
        both,,,y ~ x + `ln x` | unit_id,,unit_id
        product,,,y ~ score + score:trend | unit_id,,unit_id
        broken,,,y ~ zzz | unit_id,,unit_id
    """)
    data.tables["policy_cases"] = rows(COLUMNS + "\n" + "\n".join(cases))
    return data


def test_bounds_are_extremes_over_the_rounding(build, shipped):
    given = {
        # start, end, decimals, percent; the rounding of both ends overlaps in `crossing`
        "down": (0.0095, 0.0042, 4, None),
        "crossing": (0.3, 0.4, 1, None),
        "percent": (0.0032, None, 4, -25),
        "exact": (0.0032, 0.0061, None, None),
        "hundreds": (12300, 156700, -2, None),
    }
    result = build(
        own_cases(
            *(
                f"{case},,,scdbi,,,{start},{'' if end is None else end},"
                f"{'' if decimals is None else decimals},{'' if percent is None else percent},,,"
                for case, (start, end, decimals, percent) in given.items()
            )
        )
    )
    columns = 'case_code, coefficient_source, reading, delta, simulated_change, "lower", "upper"'
    found = simulated(result, columns)
    given["suzhou"] = (0.0042, 0.0095, 4, None)
    given["ten_percent"] = (0.0032, None, 4, 10)
    found += simulated(
        shipped, columns, "case_code in ('suzhou', 'ten_percent') and interval_type = 'rounding'"
    )
    assert len(found) == len(given) * len(PRINTED) * len(READINGS)
    generator = np.random.default_rng(7)
    inside = [
        *itertools.product((-1, 0, 1), repeat=4),
        *generator.uniform(-1, 1, (4000, 4)),
    ]
    start_by, end_by, coefficient_by, sd_by = np.array(inside, dtype=float).T
    for case, source, reading, delta, change, lower, upper in found:
        start, end, decimals, percent = given[case]
        half = 0 if decimals is None else 10.0**-decimals / 2
        starts = start + half * start_by
        ends = starts * (1 + percent / 100) if end is None else end + half * end_by
        coefficients = PRINTED[source] + 0.005 * coefficient_by
        deltas = READINGS[reading](starts, ends, 0.0026 + 0.00005 * sd_by)
        centre = READINGS[reading](
            start, start * (1 + percent / 100) if end is None else end, 0.0026
        )
        assert (delta, change) == pytest.approx((centre, PRINTED[source] * centre), rel=1e-9)
        all_changes = coefficients * deltas
        assert lower == pytest.approx(all_changes.min(), rel=1e-9), (case, source, reading)
        assert upper == pytest.approx(all_changes.max(), rel=1e-9), (case, source, reading)


def test_touching_intervals_fit_and_shares_need_a_change(build):
    # Exact ends 0 and 1 under `level`: the coefficient itself, -0.725 to -0.715.
    result = build(
        own_cases(
            "touches,,,scdbi,,,0,1,,,-0.71,2,-1.44",
            "misses,,,scdbi,,,0,1,,,-0.70,2,0",
            "exact,,,scdbi,,,0,1,,,-0.715,,",
        )
    )
    assert simulated(
        result,
        "case_code, fits_printed, share_explained",
        "reading = 'level' and coefficient_source = 'Table 3'",
    ) == [("exact", True, None), ("misses", False, None), ("touches", True, 0.5)]


def test_estimates_use_scale_and_transform_of_the_variable(build):
    result = build(
        own_cases(
            "up,,linear,x,,,2,5,,,,,",
            "down,,linear,x,,,5,2,,,,,",
            "logs,,logs,ln x,,,2,5,,,,,",
            "own,,scored,score,c,2,,,,10,,,",
            "own_log,,logs,ln x,c,2,,,,100,,,",
            "given,,linear,x,c,2,3,4,,,,,",
            "robust,,robust,x,,,2,5,,,,,",
            "elsewhere,,north,x,f,1,,9,,,,,",
            "unlisted,,linear,x,zz,2,2,5,,,,,",
            "below,,scored,score,c,2,,-0.25,,,,,",
            "figure_below,,linear,x,,,2,-5,,,,,",
        )
    )
    found = {
        row[0]: row[1:]
        for row in simulated(
            result,
            'case_code, delta, simulated_change, "lower", "upper", interval_type, status, message',
        )
    }
    estimates = {
        row[0]: row[1:]
        for row in result.query(
            "select spec_code, estimate, coalesce(ci_low_cr3, ci_low), "
            "coalesce(ci_high_cr3, ci_high) from marts.panel_estimates "
            "where term in ('x', '`ln x`', 'score') "
        )
    }
    own = result.value(
        "select score from marts.index_scores "
        "where scheme = 'headline' and unit_id = 'c' and period = 2"
    )
    b = {
        (unit, period): value
        for unit, period, value in result.query(
            "select unit_id, period, x / 10 from intermediate.int_panel__frame"
        )
    }
    deltas = {
        "up": ("linear", 30),
        "down": ("linear", -30),
        "logs": ("logs", 2 * math.log(2.5)),
        "own": ("scored", 10 * own),
        "own_log": ("logs", 2 * math.log(2)),
        "given": ("linear", 10),
        "robust": ("robust", 30),
        "elsewhere": ("north", 10 * (9 - b["f", 1])),
        "unlisted": ("linear", 30),
        "below": ("scored", 100 * (-0.25 - own)),
        "figure_below": ("linear", -70),
    }
    assert set(found) == set(deltas)
    for case, (spec, delta) in deltas.items():
        estimate, low, high = estimates[spec]
        ends = sorted((low * delta, high * delta))
        assert found[case][:4] == pytest.approx((delta, estimate * delta, *ends), rel=1e-9), case
        kind = "95 % HC1" if case == "robust" else "95 % CR3"
        assert found[case][4:6] == (kind, "simulated")
    assert found["up"][6] == ""
    assert "the unit's own value is " + f"{b['c', 2]:.6g}" in found["given"][6]
    assert "the regression's sample, north, lacks the unit's region south" in found["elsewhere"][6]
    assert "outside the frame: unit_id zz has no value of x" in found["unlisted"][6]
    # Single values may be negative, but not a sum of shares of min-max values.
    words = "ends below zero, at -0.25, which is impossible for an index of shares"
    assert found["below"][6] == words
    assert found["figure_below"][6] == ""


def test_weak_instruments_leave_a_bounded_anderson_rubin_set(build):
    # First-stage F of `bounded` about 7: below 10, but the instrument is significant.
    generator = np.random.default_rng(38)
    cells = [(unit, period) for unit in "abcdefghijkl" for period in (1, 2, 3, 4)]
    z, unrelated, noise, more = generator.normal(size=(4, len(cells)))
    x = 0.35 * z + noise
    values = {"a": x + noise + more, "b": x, "c": z, "d": unrelated}
    data = an_index({code: dict(zip(cells, values[code], strict=True)) for code in values})
    data.tables["panel_variables"] = rows("""
        variable_code,source_kind,source_code,transform,scale,label_en
        y,indicator,a,identity,1,Y
        x,indicator,b,identity,1,X
        z,indicator,c,identity,1,Z
        unrelated,indicator,d,identity,1,Unrelated
    """)
    data.tables["panel_specs"] = rows("""
        spec_code,table_code,title,formula,sample_region,cluster
        bounded,,,y ~ unrelated | unit_id | x ~ z,,unit_id
        unbounded,,,y ~ 1 | unit_id | x ~ unrelated,,unit_id
    """)
    data.tables["policy_cases"] = rows(
        f"{COLUMNS}\n"
        "down,,bounded,x,,,5,2,,,,,\n"
        "control,,bounded,unrelated,,,5,2,,,,,\n"
        "line,,unbounded,x,,,5,2,,,-1,0,"
    )
    result = build(data)
    found = {
        row[0]: row[1:]
        for row in simulated(result, 'case_code, "lower", "upper", interval_type, fits_printed')
    }
    fits = result.query("select spec_code, status, ar_type, ar_low, ar_high from marts.panel_fits")
    (_, _, _, low, high), (_, _, unbounded, *_) = sorted(fits)
    assert {status for _, status, *_ in fits} == {"weak_instrument"}
    assert unbounded in ("all", "two_rays")
    assert found["down"][:2] == pytest.approx((-3 * high, -3 * low), rel=1e-9)
    assert found["down"][2:] == ("95 % Anderson-Rubin", None)
    assert found["control"] == found["line"] == (None, None, "none", None)


NOT_SIMULATED = {
    "unknown_spec": ("nowhere,x,,,2,5,,,", "spec_code 'nowhere' is unknown"),
    "no_numbers": ("broken,x,,,2,5,,,", "the regression broken has no estimates (not_estimated)"),
    "unknown_term": ("linear,zzz,,,2,5,,,", "the term 'zzz' is unknown"),
    "empty_term": ("linear,,,,2,5,,,", "the term '' is unknown"),
    "not_a_regressor": (
        "linear,score,,,2,5,,,",
        "'score' is not a regressor of the regression linear",
    ),
    "outcome": ("linear,y,,,2,5,,,", "'y' is not a regressor"),
    "product": ("product,score,,,2,5,,,", "its source is also in the term score:trend"),
    "logarithm_too": ("both,x,,,2,5,,,", "its source is also in the term `ln x`"),
    "difference": ("split,x,,,2,5,,,", "differences of two samples"),
    "unknown_unit": ("linear,x,zz,2,,5,,,", "unit_id 'zz' is unknown"),
    "unknown_period": ("linear,x,a,9,,5,,,", "unit_id a has no value of x in the period 9"),
    "no_period": ("linear,x,a,,,5,,,", "give from_value, or unit_id and period"),
    "no_start": ("linear,x,,,,5,,,", "give from_value, or unit_id and period"),
    "no_end": ("linear,x,,,2,,,,", "give to_value or change_percent"),
    "two_ends": ("linear,x,,,2,5,,10,", "give to_value or change_percent"),
    "zero": ("linear,x,,,5,5,,,", "the change is zero"),
    "zero_percent": ("linear,x,,,5,,,0,", "the change is zero"),
    "no_logarithm": ("logs,ln x,,,0,5,,,", "is a logarithm"),
    "no_logarithm_of_both": ("logs,ln x,,,-2,-5,,,", "is a logarithm"),
    "too_large": ("linear,x,,,-1e308,1e308,,,", "not a finite number"),
    "too_large_percent": ("linear,x,,,1e300,,,1e300,", "not a finite number"),
}


def test_failed_simulations_have_a_message_and_stop_nothing(build):
    result = build(
        own_cases(
            *(f"{case},,{line},," for case, (line, _) in NOT_SIMULATED.items()),
            "printed_of_another,,,x,,,2,5,,,,,",
            "printed_zero_change,,,scdbi,,,0.5,0.5,1,,,,",
            "from_zero,,,scdbi,,,0,0.01,,,,,",
            "to_zero,,,scdbi,,,0.01,0,,,,,",
            "around_zero,,,scdbi,,,0.3,2,0,,,,",
            "sound,,linear,x,,,2,5,,,,,",
        ),
        command="build",
    )
    assert result.succeeded, result.message
    for number, (case, (_, words)) in enumerate(NOT_SIMULATED.items(), start=2):
        ((status, message, *numbers),) = simulated(
            result,
            'status, message, delta, simulated_change, "lower", "upper", fits_printed, '
            "share_explained",
            f"case_code = '{case}'",
        )
        assert status == "not_simulated", case
        assert message.startswith(f"policy_cases.csv row {number}: "), message
        assert words in message, (case, message)
        assert numbers == [None] * 6, case
    for case, words in (
        ("printed_of_another", "printed coefficients of the term 'x' are not simulated"),
        ("printed_zero_change", "the change is zero"),
    ):
        found = simulated(result, "status, simulated_change, message", f"case_code = '{case}'")
        assert len(found) == len(PRINTED) * len(READINGS)
        assert {row[:2] for row in found} == {("not_simulated", None)}
        assert all(words in message for _, _, message in found)
    # A reading that is not applicable has its own status.
    for case, valid in (
        ("from_zero", {"level", "times_100", "standard_deviations"}),
        ("to_zero", {"level", "times_100", "standard_deviations", "relative"}),
        ("around_zero", set(READINGS)),
    ):
        found = simulated(
            result,
            'reading, status, delta, "lower", message',
            f"case_code = '{case}' and coefficient_source = 'Table 3'",
        )
        assert {row[0] for row in found if row[1] == "simulated"} == valid
        for reading, status, delta, lower, message in found:
            assert (delta is None) == (status == "not_simulated")
            needs = "a start" if reading == "relative" else "values at both ends"
            missed = f"the reading {reading} needs {needs} above zero"
            assert (missed in message) == (delta is None)
            # 0.3 stands for anything from -0.2 to 0.8: logarithms and ratios have no bounds.
            bounded = reading in ("level", "times_100", "standard_deviations")
            assert (lower is not None) == (delta is not None and (bounded or case == "to_zero"))
    assert simulated(result, "status", "case_code = 'sound'") == [("simulated",)]


def test_faults_of_the_table_stop_the_build(build):
    result = build(
        own_cases(
            "twice,,linear,x,,,2,5,,,,,",
            "twice,,logs,ln x,,,2,5,,,,,",
            "twice,,linear,x,,,2,6,,,,,",
            "twice,,,scdbi,,,2,6,,,,,",
            "twice,,,scdbi,,,2,7,,,,,",
            ",,linear,x,,,2,6,,,,,",
            "words,,linear,x,a,2.5,a few,many,16,some,less,1.5,none",
        )
    )
    assert not result.succeeded
    for message in (
        "policy_cases.csv row 4: case_code 'twice' is already in an earlier row",
        "policy_cases.csv row 6: case_code 'twice' is already in an earlier row",
        "policy_cases.csv row 7: case_code is empty",
        "policy_cases.csv row 8: period '2.5' is not an integer",
        "policy_cases.csv row 8: from_value 'a few' is not a number",
        "policy_cases.csv row 8: to_value 'many' is not a number",
        "policy_cases.csv row 8: value_decimals '16' is not an integer from -15 to 15",
        "policy_cases.csv row 8: change_percent 'some' is not a number",
        "policy_cases.csv row 8: printed_change 'less' is not a number",
        "policy_cases.csv row 8: printed_decimals '1.5' is not an integer from -15 to 15",
        "policy_cases.csv row 8: actual_change 'none' is not a number",
    ):
        assert message in result.message
    assert "11 fault(s)" in result.message


def test_without_a_table_the_papers_cases_stay(build, small):
    result = build(small)
    assert result.succeeded, result.message
    assert result.query(
        "select case_code, count(*) filter (status = 'simulated'), count(*) "
        "from marts.policy_simulation group by 1 order by 1"
    ) == [
        ("gansu_ten_percent", 0, 1),
        ("gansu_to_average", 0, 1),
        ("suzhou", 30, 32),
        ("ten_percent", 30, 30),
    ]


# A city on the scale of the provinces ------------------------------------------------------------


def test_city_is_scored_on_the_scale_of_the_provinces(build):
    """The example of docs/methods/policy_simulation.md."""
    provinces, years = "abcdef", range(2011, 2021)
    coverage = {
        (unit, year): 40 + 3 * number + (2 + number % 3) * (year - 2011)
        for number, unit in enumerate(provinces)
        for year in years
    }
    generator = np.random.default_rng(11)
    # A province loses 0.05 points of its bad loans with every point of coverage, and some noise.
    bad_loans = {
        cell: round(8 - 0.05 * value + float(generator.normal(0, 0.1)), 3)
        for cell, value in coverage.items()
    }
    city = {("city", 2021): 62.0, ("city", 2023): 84.5}
    data = an_index(
        {"coverage": coverage | city, "bad_loans": bad_loans},
        "min_max,,,pooled,entropy,weighted_share",
        members="x,coverage,x,1,",
        reference_last_period="2020",
    )
    for unit in data.tables["units"]:
        unit["region"] = "city" if unit["unit_id"] == "city" else "province"
    data.tables["panel_variables"] = rows("""
        variable_code,source_kind,source_code,transform,scale,label_en
        bad_loans,indicator,bad_loans,identity,1,"Bad loans, percent"
        index,index_score,x,identity,100,"Index, x 100"
    """)
    data.tables["panel_specs"] = rows("""
        spec_code,table_code,title,formula,sample_region,cluster
        headline,,,bad_loans ~ index | unit_id + period,province,unit_id
    """)
    data.tables["policy_cases"] = rows(f"""
        {COLUMNS}
        ten_percent,10 % more,headline,index,city,2021,,,,10,,,
        to_2023,As high as in 2023,headline,index,city,2021,,0.0353,4,,,,-1.2
    """)
    result = build(data)
    # The provinces' 60 rows run from 40 to 55 + 4 x 9 = 91; the city's first row is at 62, so z is
    # 22/51. One indicator weighs 1: a score is z over the sum of the provinces' z.
    lowest, highest = min(coverage.values()), max(coverage.values())
    assert (lowest, highest) == (40, 91)
    total = sum((value - lowest) / (highest - lowest) for value in coverage.values())
    scores = {
        cell: (value - lowest) / (highest - lowest) / total
        for cell, value in (coverage | city).items()
    }
    found = result.query(
        "select period, score from marts.index_scores "
        "where scheme = 'headline' and unit_id = 'city' order by 1"
    )
    assert found == [
        (2021, pytest.approx(scores["city", 2021])),
        (2023, pytest.approx(scores["city", 2023])),
    ]
    # Two-way effects in a balanced panel: x - mean of unit - mean of period + mean.
    y, x = (
        np.array([[values[unit, year] for year in years] for unit in provinces], dtype=float)
        for values in (bad_loans, {cell: 100 * scores[cell] for cell in coverage})
    )
    y, x = (
        values - values.mean(0) - values.mean(1, keepdims=True) + values.mean() for values in (y, x)
    )
    coefficient = (x * y).sum() / (x * x).sum()
    own = 100 * scores["city", 2021]
    for case, delta in (("ten_percent", 0.1 * own), ("to_2023", 3.53 - own)):
        ((start, *numbers, in_panel, status, message),) = simulated(
            result,
            "from_value, delta, simulated_change, is_in_panel, status, message",
            f"case_code = '{case}'",
        )
        assert start == pytest.approx(scores["city", 2021])
        assert numbers == pytest.approx([delta, coefficient * delta], rel=1e-8)
        assert (in_panel, status) == (True, "simulated")
        assert message == "the regression's sample, province, lacks the unit's region city"
    # As shown in the document.
    assert simulated(
        result,
        "case_code, round(from_value, 4), round(delta, 3), round(simulated_change, 2), "
        'round("lower", 2), round("upper", 2), round(share_explained, 2)',
    ) == [
        ("ten_percent", 0.0175, 0.175, -0.11, -0.14, -0.07, None),
        ("to_2023", 0.0175, 1.784, -1.11, -1.46, -0.76, 0.92),
    ]
