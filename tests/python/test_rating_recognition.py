"""Recognition of ratings: kappa against published values and scikit-learn, pairs by brute force."""

import random
from collections import Counter, defaultdict

import coverage_folder as folder
import numpy as np
import pyarrow as pa
import pytest
from conftest import DataDir
from coverage_folder import AS_OF, Warehouses, consents_to
from sklearn.metrics import cohen_kappa_score
from test_early_warning import enterprise_rows

from credit_indices.stats import kappa

GRADES = ("AAA", "AA", "A", "BBB", "BB", "B", "CCC", "CC", "C")
SKIN = [[10, 4, 1, 0], [5, 10, 12, 2], [2, 4, 12, 5], [0, 2, 6, 13]]
"""Two dermatologists, 88 patients: the example of kappa in the manual of SAS, PROC FREQ."""
COUPLES = [[7, 7, 2, 3], [2, 8, 3, 7], [1, 5, 4, 9], [2, 8, 9, 14]]
"""91 couples (Agresti 2002), the example of Kappa in R's package vcd."""


def of(table, weights, notches=None):
    table = np.array(table)
    return kappa.weighted_kappa(
        np.arange(len(table)) if notches is None else notches, table, weights
    )


def test_kappa_of_published_examples():
    skin = of(SKIN, "linear")
    assert (round(skin.value, 4), round(skin.low, 4), round(skin.high, 4)) == (
        0.5082,
        0.3798,
        0.6366,
    )
    couples = of(COUPLES, "linear")
    assert round(couples.value, 4) == 0.2374
    assert (couples.high - couples.low) / 2 / 1.959964 == pytest.approx(0.07832, abs=5e-6)


def test_kappa_by_hand():
    # Grades 1, 1, 2 against 1, 3, 2. Distances 0, 2, 0: mean 2/3. By chance 1 (2/3) and 2 (1/3)
    # against 1, 2, 3 (1/3 each): (2/3)(0 + 1 + 2)/3 + (1/3)(1 + 0 + 1)/3 = 8/9. 1 - 6/8 = 1/4.
    table = [[1, 0, 1], [0, 1, 0], [0, 0, 0]]
    assert of(table, "linear").value == pytest.approx(1 / 4)
    # Squares 0, 4, 0: mean 4/3; by chance (2/3)(0 + 1 + 4)/3 + (1/3)(1 + 0 + 1)/3 = 12/9.
    assert of(table, "quadratic").value == pytest.approx(0)


@pytest.mark.parametrize("weights", kappa.WEIGHTS)
def test_kappa_is_that_of_scikit_learn(weights):
    rng = np.random.default_rng(4)
    for _ in range(50):
        first = rng.integers(1, 10, 60)
        second = np.clip(first + rng.integers(-2, 3, 60), 1, 9)
        pairs = Counter(zip(first.tolist(), second.tolist(), strict=True))
        (row,) = kappa.agreement_table(pairs_of(pairs)).to_pylist()
        expected = cohen_kappa_score(first, second, labels=range(1, 10), weights=weights)
        assert row[f"kappa_{weights}"] == pytest.approx(expected)


def test_unused_notches_change_nothing():
    wide = np.zeros((5, 5), dtype=int)
    wide[np.ix_([0, 1, 3, 4], [0, 1, 3, 4])] = SKIN
    for weights in kappa.WEIGHTS:
        without = of(SKIN, weights, np.array([0, 1, 3, 4]))
        with_gap = of(wide, weights)
        assert without.value == pytest.approx(with_gap.value)
        assert without.high == pytest.approx(with_gap.high)


def test_complete_agreement_has_no_width():
    rng = np.random.default_rng(9)
    for _ in range(100):
        table = np.diag(rng.integers(1, 200, 7))
        for weights in kappa.WEIGHTS:
            found = of(table, weights)
            assert [found.low, found.value, found.high] == pytest.approx([1, 1, 1], abs=1e-6)


def test_constant_rating_agrees_by_chance_only():
    found = of([[6, 4], [0, 0]], "linear")
    assert found.value == 0
    assert np.isfinite([found.low, found.high]).all()


def test_unknown_weights_are_refused():
    with pytest.raises(ValueError, match="weights is 'cubic'; expected one of linear, quadratic"):
        of(SKIN, "cubic")


def pairs_of(pairs) -> pa.Table:
    """Return a table of one pair of regions from the numbers of enterprises by two notches."""
    place = dict(zip(kappa.PAIR, ("s", "31", "3301", "all", "all"), strict=True))
    return pa.Table.from_pylist(
        [
            place | {"notch_1": one, "notch_2": two, "n_enterprises": n, "data_origin": "user"}
            for (one, two), n in pairs.items()
        ]
    )


def test_agreement_of_one_grade_is_undefined():
    (row,) = kappa.agreement_table(pairs_of({(3, 3): 8})).to_pylist()
    assert (row["n_enterprises"], row["n_exact"], row["share_within_a_notch"]) == (8, 8, 1)
    assert row["kappa_linear"] is None and row["message"] == kappa.UNDEFINED


# The part ---------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def warehouses(runner, seeded_warehouse, tmp_path_factory):
    return Warehouses(runner, seeded_warehouse, tmp_path_factory.mktemp("ratings"))


NAMES = ("rating_recognition", "quarantined_coverage")


def given(enterprises, ratings, consents=None, **more):
    if consents is None:
        consents = consents_to("ratings", enterprises)
    found = folder.tables(enterprises, [], consents) | {"ratings": ratings} | more
    del found["coverage_records"]
    return found


def rating(row, region, grade, day="2021-01-01", agency="A"):
    return {
        "enterprise_id": row["enterprise_id"],
        "agency": agency,
        "region": region,
        "grade": grade,
        "rated_at": day,
    }


def built_of(warehouses, tables, *names, **variables):
    built = warehouses.build(DataDir(tables), *(names or NAMES), **variables)
    assert built.succeeded, built.message
    return built


def test_latest_ratings_are_compared(warehouses):
    rng = random.Random(5)
    enterprises = enterprise_rows(80)
    days = ["2020-01-01", "2020-06-01", "2021-01-01", f"{AS_OF} 23:00", "2021-07-01"]
    ratings, consents, seen = [], [], set()
    for row in enterprises:
        if rng.random() < 0.9:
            consents += consents_to("ratings", [row])
        if rng.random() < 0.1:
            consents[-1:] = [row | {"withdrawn_at": AS_OF} for row in consents[-1:]]
        for _ in range(rng.randrange(12)):
            drawn = rating(
                row,
                rng.choice(("31", "3301", "4403")),
                rng.choice(GRADES[:5]),
                rng.choice(days),
                rng.choice("AB"),
            )
            key = tuple(drawn[name] for name in ("enterprise_id", "region", "rated_at", "agency"))
            if key not in seen:
                seen.add(key)
                ratings.append(drawn)
    built = built_of(warehouses, given(enterprises, ratings, consents), smallest_cell=1)
    consented = {row["enterprise_id"] for row in consents if not row["withdrawn_at"]}
    latest = {}
    for each in sorted(ratings, key=lambda row: (row["rated_at"], GRADES.index(row["grade"]))):
        if each["enterprise_id"] in consented and each["rated_at"] < "2021-07-01":
            for agency in (each["agency"], "all"):
                place = (each["region"], agency)
                latest[each["enterprise_id"], place] = GRADES.index(each["grade"])
    by_enterprise = defaultdict(dict)
    for (enterprise, place), notch in latest.items():
        by_enterprise[enterprise][place] = notch
    expected = defaultdict(Counter)
    for places in by_enterprise.values():
        for one, first in places.items():
            for two, second in places.items():
                if one < two and (one[1] == "all") == (two[1] == "all"):
                    distance = abs(first - second)
                    expected[one[0], two[0], one[1], two[1]].update(
                        {"n": 1, "exact": distance == 0, "within": distance <= 1}
                    )
    found = built.query(
        "select region_1, region_2, agency_1, agency_2, n_enterprises, n_exact, n_within_a_notch "
        "from marts.rating_recognition"
    )
    assert {tuple(row[:4]): row[4:] for row in found} == {
        pair: (count["n"], count["exact"], count["within"]) for pair, count in expected.items()
    }
    assert len(found) == 3 + 3 * 4 + 3


FAULTS = [
    ({"enterprise_id": ""}, "enterprise_id", "enterprise_id is empty"),
    (
        {"enterprise_id": "91000000KB38B27B00"},
        "enterprise_id",
        "enterprise_id is unknown: enterprises are listed in enterprises",
    ),
    ({"agency": ""}, "agency", "agency is empty"),
    (
        {"agency": "all"},
        "agency",
        "agency is all, which stands for all agencies; give the agency another name",
    ),
    ({"region": ""}, "region", "region is empty"),
    ({"region": "Gotham"}, "region", "region is not a unit_id of the table units"),
    ({"grade": ""}, "grade", "grade is empty"),
    (
        {"grade": "A1"},
        "grade",
        "grade is unknown: grades are listed in rating_grades",
    ),
    (
        {"grade": "good"},
        "grade",
        "grade is in several scales of rating_grades; name one in the column scale",
    ),
    (
        {"grade": "good", "scale": "three"},
        "grade",
        "grade is not in the scale of its row: grades are listed in rating_grades",
    ),
    (
        {"rated_at": "2021"},
        "rated_at",
        "rated_at is not a day such as 2020-02-29, with or without a time",
    ),
    (
        {},
        "rated_at",
        "rated_at is already in an earlier row of this enterprise, agency and region; keep the "
        "correct record",
    ),
]
TWO_SCALES = [
    {"scale": scale, "grade": grade, "notch": notch}
    for scale, grades in (("two", ("good", "bad")), ("zwei", ("good", "bad")))
    for notch, grade in enumerate(grades)
] + [{"scale": "three", "grade": grade, "notch": n} for n, grade in enumerate("abc")]


def test_invalid_ratings_are_quarantined(warehouses):
    enterprises = enterprise_rows(3)
    valid = [rating(row, "31", "a") | {"scale": ""} for row in enterprises]
    valid.append(rating(enterprises[0], "3301", "good") | {"scale": "zwei"})
    # On days of their own, so that only the row without a fault of its own repeats another.
    faulty = [
        valid[0] | ({"rated_at": f"2021-02-{n:02}"} if fault else {}) | fault
        for n, (fault, _, _) in enumerate(FAULTS, 1)
    ]
    tables = given(enterprises, valid + faulty, rating_grades=TWO_SCALES)
    built = built_of(warehouses, tables, *NAMES, "int_coverage__latest_ratings")
    assert built.query(
        "select source_row, column_name, reason, value from quality.quarantined_coverage order by 1"
    ) == [(6 + n, column, reason, None) for n, (_, column, reason) in enumerate(FAULTS)]
    accepted = "select count(*) from restricted.int_coverage__latest_ratings where agency = 'A'"
    assert built.value(accepted) == len(valid)


def test_faults_of_rating_grades_stop_the_build(warehouses):
    enterprises = enterprise_rows(1)
    grades = [
        {"scale": "s", "grade": "a", "notch": 1},
        {"scale": "", "grade": "b", "notch": 2},
        {"scale": "s", "grade": "a", "notch": 3},
        {"scale": "s", "grade": "c", "notch": 1},
        {"scale": "s", "grade": "d", "notch": "1.5"},
        {"scale": "s", "grade": "e", "notch": ""},
    ]
    tables = given(enterprises, [rating(enterprises[0], "31", "a")], rating_grades=grades)
    built = warehouses.build(DataDir(tables), "int_coverage__gate")
    assert not built.succeeded
    lines = [line[4:] for line in built.message.splitlines() if line.startswith("  - ")]
    assert lines == [
        "rating_grades.csv row 3: scale is empty",
        "rating_grades.csv row 4: grade 'a' is already in row 2 with the same scale; keep the "
        "correct record",
        "rating_grades.csv row 5: notch '1' is already in row 2 of the same scale; give every "
        "grade of a scale a notch of its own",
        "rating_grades.csv row 6: notch '1.5' is not an integer",
        "rating_grades.csv row 7: notch is not an integer",
    ]
    assert "The input of the coverage is not valid: 5 fault(s). No coverage was" in built.message


def test_small_pairs_are_suppressed(warehouses):
    enterprises = enterprise_rows(60)
    ratings = []
    # 31 and 3301: ten agree, ten are a notch apart. Agency B rated four of them in 3301.
    for n, row in enumerate(enterprises[:20]):
        ratings += [
            rating(row, "31", "AA"),
            rating(row, "3301", "AA" if n < 10 else "A", agency="B" if n < 4 else "A"),
        ]
    # 31 and 4403: three of twenty differ. 31 and 11: four enterprises.
    for n, row in enumerate(enterprises[20:40]):
        ratings += [rating(row, "31", "AA"), rating(row, "4403", "AA" if n < 17 else "C")]
    for row in enterprises[40:44]:
        ratings += [rating(row, "11", "AA"), rating(row, "31", "C")]
    # Two agencies in 12, both of enough enterprises.
    for row in enterprises[44:54]:
        ratings += [rating(row, "12", "AA", agency=agency) for agency in "AB"]
    built = built_of(warehouses, given(enterprises, ratings))
    assert built.query(
        "select region_1, region_2, agency_1, agency_2, n_enterprises, share_exact, is_suppressed "
        "from marts.rating_recognition order by 1, 2, 3"
    ) == [
        ("11", "31", "all", "all", None, None, True),
        ("12", "12", "A", "B", 10, 1.0, False),
        ("31", "3301", "all", "all", 20, 0.5, False),
        ("31", "4403", "all", "all", None, None, True),
    ]
