"""Numbers with their rounding, and checks of claims: by hand, or over a grid."""

import itertools
from dataclasses import replace
from math import log, nan, sqrt

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_array_equal
from paper_claims import seed

from credit_indices.replication import lin_gu_2015, song_liu_2025
from credit_indices.replication.claims import Check, check, deviations, results, rounded
from credit_indices.replication.intervals import (
    MISSING,
    Interval,
    all_of,
    at_most,
    below,
    between,
    corners,
    equal,
    numbers_in,
    published,
)


def ends(number: Interval) -> tuple[float, float, float]:
    return number.value, number.low, number.high


@pytest.mark.parametrize(
    ("value", "decimals", "low", "high"),
    [
        (1.87, 2, 1.865, 1.875),
        (-0.72, 2, -0.725, -0.715),
        (62, 0, 61.5, 62.5),
        (56_800, -2, 56_750, 56_850),
    ],
)
def test_a_published_number_is_half_a_last_digit_wide(value, decimals, low, high):
    assert ends(published(value, decimals)) == pytest.approx((value, low, high), rel=1e-15)


FORMULAS = {
    "sum": (lambda a, b: a + b, 2),
    "difference": (lambda a, b: a - b, 2),
    "product": (lambda a, b: a * b, 2),
    "quotient": (lambda a, b: a / b, 2),
    "exact numbers on both sides": (lambda a: (100 / (2 * a - 1) + 3) * -4, 1),
    "size across zero": (lambda a, b: abs(a + b), 2),
    "of three": (lambda a, b, c: 100 * (a - b) / c, 3),
}


@pytest.mark.parametrize("name", FORMULAS)
def test_operators_have_the_extremes_of_a_grid(name):
    formula, n = FORMULAS[name]
    for values in itertools.product((-1.3, -0.2, 0.7, 2.1), repeat=n):
        inputs = [published(value, 1) for value in values]
        grid = [np.linspace(one.low, one.high, 21) for one in inputs]
        found = [formula(*point) for point in itertools.product(*grid)]
        expected = formula(*values), min(found), max(found)
        number = formula(*inputs)
        if name == "size across zero":  # the grid may miss zero itself
            assert number.low <= expected[1] + 1e-12
            expected = expected[0], number.low, expected[2]
        assert ends(number) == pytest.approx(expected, rel=1e-12, abs=1e-12)


def test_operators_refuse_a_number_that_occurs_twice():
    rho = published(0.72, 2)
    for formula in (lambda r: r * r, lambda r: r / (1 - r), lambda r: 2 * r - abs(r).map(log)):
        with pytest.raises(ValueError, match="same published number"):
            formula(rho)
    # 0.715^2 / (1 - 0.715^2) and 0.725^2 / (1 - 0.725^2).
    f = corners(lambda r: r * r / (1 - r * r), rho)
    assert ends(f) == pytest.approx((0.5184 / 0.4816, 0.511225 / 0.488775, 0.525625 / 0.474375))
    with pytest.raises(ValueError, match="same published number"):
        f + rho
    assert ends(published(0.72, 2) - published(0.72, 2)) == pytest.approx((0, -0.01, 0.01))


def test_missing_values_propagate():
    number = published(2, 0)
    computed = [MISSING + number, number * MISSING, 1 / MISSING, abs(-MISSING), MISSING.map(sqrt)]
    computed += [
        corners(lambda a, b: a + b, number, MISSING),
        published(nan, 2),
        published(None, 0),
    ]
    computed += [
        number / published(0.2, 0),
        number / 0,
        corners(lambda a: 1 / (a - a), number),
    ]
    assert all(one.missing for one in computed)
    assert number.overlaps(MISSING) is None and MISSING.overlaps(2) is None
    assert (at_most(nan, 1), below(1, nan), equal(nan, nan), between(0, nan, 1)) == (None,) * 4
    assert (at_most(1, 1), below(1, 1), equal(1, 1), between(0, 1, 1)) == (True, False, True, True)
    assert (all_of(True, None), all_of(None, False), all_of(True, True)) == (None, False, True)
    assert all_of(None, np.False_) is False


def test_numbers_overlap_if_one_number_can_be_both():
    assert published(0.41, 2).overlaps(published(0.42, 2))  # 0.415
    assert not published(0.4, 2).overlaps(published(0.42, 2))
    assert published(1.87, 2).overlaps(1.865) and not published(1.87, 2).overlaps(1.8649)


def test_numbers_of_a_column_have_the_decimals_of_their_row():
    table = pd.DataFrame({"x": [1.5, nan, 300], "decimals": [1, nan, -2]}, index=["a", "b", "c"])
    numbers = numbers_in(table, "x")
    assert {code: ends(one) for code, one in numbers.items()} == {
        "a": (1.5, 1.45, 1.55),
        "c": (300, 250, 350),
    }
    assert numbers["b"].missing and numbers["d"].missing


def stated(*rows: tuple[str, str, str]) -> pd.DataFrame:
    columns = ["claim_code", "verdict_if_it_holds", "explanation"]
    return pd.DataFrame([(f"paper_{code}", *rest) for code, *rest in rows], columns=columns)


def outcome(rows, *checks: Check, **values) -> list[tuple]:
    found = results(stated(*rows), checks, "paper", values)
    return list(found[["verdict", "explanation"]].itertuples(index=False, name=None))


def test_a_claim_has_the_verdict_of_its_check():
    rows = [(code, "reproduced", "") for code in "abc"]
    rows += [("d", "consistent", ""), ("e", "not_checkable", ""), ("f", "not_checkable", "")]
    holds = {"a": True, "b": False, "c": None, "d": True, "e": False}
    found = outcome(rows, *(check(code, holds=value) for code, value in holds.items()))
    assert [verdict for verdict, _ in found] == [
        "reproduced",
        "inconsistent",
        "not_checkable",
        "consistent",
        "not_checkable",
        "not_checkable",
    ]


def test_explanation_contains_its_values():
    text = "{recomputed:.1f} in {lower:.2f} to {upper:.2f}, {own}, {of[a]:.0f}, "
    text += "{zero:.1f}, {none:.3f}, {gone}"
    one = check("a", recomputed=published(2.5, 1), own="words", zero=-0.01, none=MISSING, gone=None)
    of_paper = {"of": {"a": 3}, "own": "hidden by that of the check"}
    (found,) = outcome([("a", "not_checkable", text)], one, **of_paper)
    assert found[1] == "2.5 in 2.45 to 2.55, words, 3, 0.0, ?, ?"


@pytest.mark.parametrize(
    ("rows", "codes", "message"),
    [
        ([("a", "reproduced", "")], "ab", "checks of paper_b: expected one check per claim"),
        ([("a", "reproduced", "")], "aa", "checks of paper_a: expected one check per claim"),
        ([("a", "true", "")], "a", "paper_a: verdict_if_it_holds is 'true'; expected reproduced"),
        ([("a", "consistent", "")], "", "paper_a: consistent if it holds, but nothing checks"),
        (
            [("a", "consistent", "{x:.2f}")],
            "a",
            "paper_a: its explanation uses 'x', which does not",
        ),
        ([("a", "consistent", "{y.z}")], "a", "paper_a: its explanation uses .*'z'"),
        ([("a", "consistent", "{y[1]}")], "a", "paper_a: its explanation uses"),
        ([("a", "not_checkable", "{x}")], "", "paper_a: its explanation uses 'x'"),
    ],
)
def test_unknown_claims_and_names_are_refused(rows, codes, message):
    checks = [check(code, holds=True) for code in codes]
    with pytest.raises(ValueError, match=message):
        outcome(rows, *checks, y=[0])


def test_deviations_are_compared_with_rounding():
    deviation, allowed = np.array([0.1, 0.3]), np.array([0.2, 0.3])
    one = deviations("a", deviation, allowed)
    assert (one.recomputed, one.lower, one.upper, one.holds) == (0.3, 0, 0.3, True)
    assert deviations("a", deviation[::-1], allowed).holds is False
    assert deviations("a", deviation, np.array([0.2, nan])).holds is True
    unknown = deviations("a", np.array([0.1, nan]), allowed)
    assert np.isnan([unknown.recomputed, unknown.upper]).all() and unknown.holds is None
    (noise,) = rounded([replace(one, recomputed=0.1 + 0.2)], 12)
    assert noise.recomputed == 0.3


def test_exact_numbers_have_no_bounds():
    for one in (check("a", recomputed=7), check("a", published=published(7, 0))):
        assert np.isnan([one.lower, one.upper]).all()
    one = check("a", recomputed=7, bounds=(7, 7))
    assert (one.lower, one.upper) == (7, 7)


def test_residuals_of_eigenvectors():
    # Halves and quarters are exact. R v = .75 + .5 x .75 = 1.125 = 1.5 x .75. Printed without
    # decimals, all is known to .5: allowed are .5 x (.75 + .5) for R, .5 x (.5 + |1 - 1.5|) for v
    # and .5 x (.75 + .5) for the eigenvalue.
    components = lin_gu_2015.Components.of(
        pd.DataFrame({"variable": ["a", "b"], "a": [1, 0.5], "b": [0.5, 1], "decimals": 0}),
        pd.DataFrame({"component": [1], "eigenvalue": [1.5], "eigenvalue_decimals": [0]}),
        pd.DataFrame({"variable": ["b", "a"], "y1": [0.75, 0.75], "decimals": 0}),
    )
    residual, allowed = components.residuals()
    assert_array_equal(residual, [[0], [0]])
    assert_array_equal(allowed, [[1.75], [1.75]])
    assert components.norm == 0.5


def test_eigenvectors_have_the_signs_of_the_table():
    names = [f"published/lin_gu_2015_table_{number}" for number in (2, 3, 4)]
    of_paper = [seed(name).to_pandas() for name in names]
    for sign in (1, -1):
        columns = [f"y{component}" for component in range(1, 7)]
        of_paper[2][columns] *= sign
        components = lin_gu_2015.Components.of(*of_paper)
        assert abs(components.decomposed[1] - components.vectors).max() < 2e-4


def test_divergence_of_values_by_hand():
    # Of 5, 6, 8 the shares are 0, 1/4, 3/4, with an entropy of (ln 4 - 3/4 ln 3) / ln 3; where less
    # is better, they are 3/5, 2/5, 0.
    expected = [1 - (log(4) - 0.75 * log(3)) / log(3)]
    expected.append(1 + (0.6 * log(0.6) + 0.4 * log(0.4)) / log(3))
    values = pd.DataFrame({"indicator_code": list("aaabbb"), "value": [5.0, 6, 8, 5, 6, 8]})
    listed = pd.DataFrame(
        {"indicator_code": ["a", "b"], "direction": [1, -1], "data_origin": "official"}
    )
    found = song_liu_2025.divergence_of(values, listed)
    assert found["divergence"].tolist() == pytest.approx(expected)
    assert found["weight_percent"].sum() == pytest.approx(100)
    with pytest.raises(ValueError, match="direction of a: expected 1 or -1"):
        song_liu_2025.divergence_of(values, listed.replace({"direction": {1: 0}}))
