"""The AHP against published matrices, numbers by hand and independent computations."""

import csv

import numpy as np
import pyarrow as pa
import pytest
from conftest import PROJECT
from hypothesis import given, settings
from hypothesis import strategies as st

from credit_indices.stats import ahp

ratios = st.floats(1 / 9, 9)


def matrix(text: str) -> np.ndarray:
    """A comparison matrix from its upper triangle, diagonal left out, '.' for a missing pair."""
    lines = [line.split() for line in text.strip().splitlines()]
    n = len(lines) + 1
    items = [str(number) for number in range(n)]
    return ahp.comparison_matrix(
        items,
        [
            (items[i], items[i + 1 + j], 1 / float(cell[2:]) if "/" in cell else float(cell))
            for i, line in enumerate(lines)
            for j, cell in enumerate(line)
            if cell != "."
        ],
    )


def consistent(weights) -> np.ndarray:
    weights = np.asarray(weights, dtype=float)
    return weights[:, None] / weights[None, :]


def without(complete: np.ndarray, *pairs: tuple[int, int]) -> np.ndarray:
    incomplete = complete.copy()
    for i, j in pairs:
        incomplete[i, j] = incomplete[j, i] = np.nan
    return incomplete


def power_iteration(complete: np.ndarray) -> tuple[np.ndarray, float]:
    """Independent reference: no eigenvalue routine, no scaling."""
    vector = np.ones(len(complete))
    for _ in range(2000):
        vector = complete @ vector
        vector /= vector.sum()
    return vector, float((complete @ vector)[0] / vector[0])


# Saaty (2008), "Decision making with the analytic hierarchy process", Int. J. Services Sciences
# 1(1): drink consumption in the U.S. (coffee, wine, tea, beer, sodas, milk, water).
DRINKS = matrix("""
    9 5 2 1 1 1/2
    1/3 1/9 1/9 1/9 1/9
    1/3 1/4 1/3 1/9
    1/2 1 1/3
    2 1/2
    1/3
""")
# Saaty (1980), The Analytic Hierarchy Process: choosing a school (learning, friends, school life,
# vocational training, college preparation, music classes).
SCHOOL = matrix("""
    4 3 1 3 4
    7 3 1/5 1
    1/5 1/5 1/6
    1 1/3
    3
""")
# Saaty (1977), "A scaling method for priorities in hierarchical structures", J. Math. Psychology
# 15(3): air distance from Philadelphia (Cairo, Tokyo, Chicago, San Francisco, London, Montreal).
PHILADELPHIA = matrix("""
    1/3 8 3 3 7
    9 3 3 9
    1/6 1/5 2
    1/3 6
    6
""")
# Saaty (1990), "How to make a decision", European Journal of Operational Research 48(1): buying a
# house (size, transport, neighbourhood, age, yard, modern facilities, condition, financing).
HOUSE = matrix("""
    5 3 7 6 6 1/3 1/4
    1/3 5 3 3 1/5 1/7
    6 3 4 6 1/5
    1/3 1/4 1/7 1/8
    1/2 1/5 1/6
    1/5 1/6
    1/2
""")
# The complete 3 x 3 example of Harker (1987), published to seven digits.
HARKER = matrix("""
    2 3
    2
""")


@pytest.mark.parametrize(
    ("published", "weights", "tolerance"),
    [
        (DRINKS, [0.177, 0.019, 0.042, 0.116, 0.190, 0.129, 0.327], 0.0006),
        (SCHOOL, [0.32, 0.14, 0.03, 0.13, 0.24, 0.14], 0.005),
        (PHILADELPHIA, [0.263, 0.397, 0.033, 0.116, 0.164, 0.027], 0.0012),
        (HOUSE, [0.173, 0.054, 0.188, 0.018, 0.031, 0.036, 0.167, 0.333], 0.0006),
        (HARKER, [0.5396145, 0.2969613, 0.1634241], 1e-7),
    ],
)
def test_published_weights_are_met(published, weights, tolerance):
    assert ahp.priorities(published).weights == pytest.approx(weights, abs=tolerance)


@pytest.mark.parametrize(
    ("published", "lambda_max", "random_index", "ratio"),
    [
        (PHILADELPHIA, 6.45, 1.24, None),
        (HOUSE, 9.669, 1.41, 0.169),
        (DRINKS, None, 1.32, 0.022),
    ],
)
def test_published_consistency_is_met(published, lambda_max, random_index, ratio):
    found = ahp.priorities(published)
    if lambda_max:
        assert found.lambda_max == pytest.approx(lambda_max, abs=0.005)
    if ratio:
        assert found.consistency_index / random_index == pytest.approx(ratio, abs=0.0005)


@pytest.mark.parametrize("published", [DRINKS, SCHOOL, PHILADELPHIA, HOUSE, HARKER])
def test_power_iteration_finds_the_same(published):
    weights, lambda_max = power_iteration(published)
    found = ahp.priorities(published)
    assert found.weights == pytest.approx(weights, rel=1e-12)
    assert found.lambda_max == pytest.approx(lambda_max, rel=1e-12)


def test_three_items_by_hand():
    # With t = (a12 a23 / a13)^(1/3) lambda_max is 1 + t + 1/t and the weights are geometric means.
    found = ahp.priorities(matrix("2 3\n4"))
    t = (2 * 4 / 3) ** (1 / 3)
    means = np.array([2 * 3, 4 / 2, 1 / 12]) ** (1 / 3)
    assert found.lambda_max == pytest.approx(1 + t + 1 / t, rel=1e-13)
    assert found.consistency_index == pytest.approx((t + 1 / t - 2) / 2, rel=1e-11)
    assert found.weights == pytest.approx(means / means.sum(), rel=1e-13)


def test_random_index_tables_can_give_different_verdicts():
    shipped = random_indices()
    values = {
        name: [float(r["random_index"]) for r in shipped if r["random_index_table"] == name]
        for name in ("saaty_1980", "saaty_2005")
    }
    assert [len(table) for table in values.values()] == [15, 15]
    assert all(r["source"].startswith("Saaty") for r in shipped)
    judgements = {("1", "2"): 2, ("2", "3"): 4, ("1", "3"): 3}
    (first, *_) = one_parent(judgements, random_index_table="saaty_1980")
    (second, *_) = one_parent(judgements, random_index_table="saaty_2005")
    # lambda_max as above: CI 0.05394; over 0.58 and 0.52
    assert first["consistency_ratio"] == pytest.approx(0.0930, abs=5e-5)
    assert first["accepted"] is True
    assert second["consistency_ratio"] == pytest.approx(0.1037, abs=5e-5)
    assert second["accepted"] is False


def test_a_group_by_hand():
    first = matrix("2 4\n2")
    second = matrix("8 .\n2")
    # a over b: sqrt(2 x 8) = 4; a over c: only the first expert; b over c: 2.
    group = ahp.group_matrix([first, second])
    assert group == pytest.approx(np.array([[1, 4, 4], [0.25, 1, 2], [0.25, 0.5, 1]]))
    means = np.array([4 * 4, 2 / 4, 1 / 8]) ** (1 / 3)
    assert ahp.priorities(group).weights == pytest.approx(means / means.sum())


def test_group_of_one_equals_the_expert():
    alone = matrix("3 . 5\n. 7\n.")
    assert np.array_equal(ahp.group_matrix([alone]), alone, equal_nan=True)
    both = ahp.group_matrix([alone, alone])
    assert np.isnan(both).sum() == np.isnan(alone).sum()
    assert np.array_equal(np.isnan(both), np.isnan(both.T))


def test_harkers_matrix_by_hand():
    # [[2, 2, 0], [1/2, 1, 2], [0, 1/2, 2]] (4, 2, 1) = 3 (4, 2, 1)
    found = ahp.priorities(matrix("2 .\n2"))
    assert found.weights == pytest.approx(np.array([4, 2, 1]) / 7, rel=1e-14)
    assert found.lambda_max == 3
    assert found.n_pairs_missing == 1


def test_a_consistent_matrix_needs_few_of_its_judgements():
    weights = np.array([5, 3, 2, 1, 0.5])
    incomplete = without(consistent(weights), (0, 1), (0, 2), (1, 3), (2, 4))
    found = ahp.priorities(incomplete)
    assert found.weights == pytest.approx(weights / weights.sum(), rel=1e-13)
    assert (found.lambda_max, found.consistency_index, found.n_pairs_missing) == (5, 0, 4)


def test_harker_completes_by_ratios_of_weights():
    incomplete = without(HOUSE, (0, 3), (1, 6), (2, 6), (4, 7))
    found = ahp.priorities(incomplete)
    ratios_of_weights = consistent(found.weights)
    completed = np.where(np.isnan(incomplete), ratios_of_weights, incomplete)
    weights, lambda_max = power_iteration(completed)
    assert found.weights == pytest.approx(weights, rel=1e-11)
    assert found.lambda_max == pytest.approx(lambda_max, rel=1e-12)


def test_optimal_completion_is_close_and_not_above():
    # Bozoki, Fulop & Ronyai (2010), "On optimal completion of incomplete pairwise comparison
    # matrices", Math. Comput. Modelling 52: the fourth line's 0.7302965 minimises lambda_max.
    incomplete = matrix("1 5 2\n3 4\n.")
    optimal = matrix("1 5 2\n3 4\n0.7302965")
    _, smallest = power_iteration(optimal)
    found = ahp.priorities(incomplete)
    assert smallest <= found.lambda_max < smallest + 0.001
    assert found.weights == pytest.approx(ahp.priorities(optimal).weights, abs=0.005)


def test_the_random_index_of_incomplete_judgements():
    assert ahp.scaled_random_index(0.9, 4, 0) == 0.9
    assert ahp.scaled_random_index(0.9, 4, 1) == pytest.approx(0.6)  # 1 - 2/6
    assert ahp.scaled_random_index(0.9, 4, 3) == 0
    assert ahp.scaled_random_index(1.12, 5, 3) == pytest.approx(0.56)  # 1 - 6/12
    assert ahp.is_spanning_tree(4, 3) and ahp.is_spanning_tree(3, 1)
    assert not ahp.is_spanning_tree(4, 2) and not ahp.is_spanning_tree(2, 0)


def test_the_scaled_random_index_is_that_of_random_judgements():
    # Agoston & Csato (2022) minimise lambda_max; Harker's is slightly larger.
    random = np.random.default_rng(5)
    scale = np.array([1 / k for k in range(9, 1, -1)] + list(range(1, 10)))
    found = []
    for _ in range(2000):
        upper = np.triu(random.choice(scale, (5, 5)), 1)
        complete = upper + np.eye(5) + np.tril(1 / np.where(upper.T > 0, upper.T, np.inf), -1)
        found.append(ahp.priorities(without(complete, (0, 1), (2, 3))).consistency_index)
    assert np.mean(found) == pytest.approx(ahp.scaled_random_index(1.12, 5, 2), rel=0.1)


def test_components_of_comparisons():
    assert ahp.components(matrix("2 . .\n. .\n3")) == [[0, 1], [2, 3]]
    assert ahp.components(matrix("2 . .\n3 .\n4")) == [[0, 1, 2, 3]]
    assert ahp.components(matrix(". .\n.")) == [[0], [1], [2]]
    with pytest.raises(ValueError, match="do not connect"):
        ahp.priorities(matrix("2 . .\n. .\n3"))
    sentence = ahp.components_sentence([[0, 1], [2], [3]], "abcd")
    assert sentence == "{a, b}, {c} and {d} are not compared with each other"


def test_the_worst_triad_is_named_with_ratios_above_one():
    items = ["credit_education", "credit_launch", "dishonesty", "other"]
    judged = ahp.comparison_matrix(
        items,
        [
            ("credit_launch", "dishonesty", 2),
            ("credit_education", "dishonesty", 1 / 3),
            ("credit_launch", "credit_education", 0.5),
            ("other", "dishonesty", 1),
        ],
    )
    assert ahp.worst_triad(judged) == (0, 1, 2)
    assert ahp.triad_sentence(judged, items, (0, 1, 2)) == (
        "credit_education over credit_launch is 2 and credit_launch over dishonesty is 2, so "
        "credit_education over dishonesty should be near 4, but it is 0.333"
    )


def test_the_sentence_goes_from_the_most_to_the_least_important():
    judged = ahp.comparison_matrix("abc", [("c", "b", 3), ("b", "a", 2), ("c", "a", 1.5)])
    assert ahp.triad_sentence(judged, "abc", (0, 1, 2)) == (
        "c over b is 3 and b over a is 2, so c over a should be near 6, but it is 1.5"
    )


def test_the_worst_triad_of_a_published_matrix():
    # neighbourhood over condition is 6 and condition over size 3, yet neighbourhood over size 1/3
    assert ahp.worst_triad(HOUSE) == (0, 2, 6)


def test_no_triad_without_three_judgements_or_contradiction():
    assert ahp.worst_triad(matrix("2 .\n2")) is None
    assert ahp.worst_triad(matrix("2")) is None
    assert ahp.worst_triad(consistent([1])) is None
    assert ahp.worst_triad(consistent([4, 2, 1])) is None
    assert ahp.worst_triad(matrix("0.33 2\n6")) is None  # 0.33 for a third
    assert ahp.worst_triad(matrix("0.3 2\n6")) == (0, 1, 2)


def test_one_and_two_items_are_consistent():
    one = ahp.priorities(ahp.comparison_matrix(["a"], []))
    assert (one.weights.tolist(), one.lambda_max, one.consistency_index) == ([1], 1, 0)
    two = ahp.priorities(matrix("3"))
    assert two.weights == pytest.approx([0.75, 0.25])
    assert (two.lambda_max, two.consistency_index) == (2, 0)


def test_judgements_are_checked():
    with pytest.raises(ValueError, match="'z' is not one of the items a, b"):
        ahp.comparison_matrix("ab", [("a", "z", 2)])
    for value in (0, -1, np.nan, np.inf, 1e-320):
        with pytest.raises(ValueError, match="not a positive number"):
            ahp.comparison_matrix("ab", [("a", "b", value)])
    with pytest.raises(ValueError, match="judged twice"):
        ahp.comparison_matrix("ab", [("a", "b", 2), ("b", "a", 2)])
    with pytest.raises(ValueError, match="one item"):
        ahp.comparison_matrix("ab", [("a", "a", 1)])
    with pytest.raises(ValueError, match="reciprocal"):
        ahp.priorities(np.array([[1, 2], [2, 1]]))
    with pytest.raises(ValueError, match="square"):
        ahp.priorities(np.ones((2, 3)))


@pytest.mark.parametrize("missing", [0, 0.3, 0.7])
@pytest.mark.parametrize("n", [3, 10, 40])
def test_extreme_ratios_are_solved_accurately(n, missing):
    random = np.random.default_rng(n)
    for _ in range(20):
        upper = np.triu(10.0 ** random.uniform(-6, 6, (n, n)), 1)
        gone = np.triu(random.random((n, n)) < missing, 1)
        gone[np.arange(n - 1), np.arange(1, n)] = False  # a chain stays, so all are connected
        judged = upper + np.eye(n) + np.tril(1 / np.where(upper.T > 0, upper.T, np.inf), -1)
        judged[gone | gone.T] = np.nan
        found = ahp.priorities(judged)
        harker = np.where(np.isnan(judged), 0, judged) + np.diag(np.isnan(judged).sum(axis=1))
        assert harker @ found.weights == pytest.approx(found.lambda_max * found.weights, rel=1e-6)
        assert (found.weights > 0).all()


@settings(deadline=None)
@given(st.lists(st.floats(1e-6, 1e6), min_size=1, max_size=12))
def test_consistent_judgements_give_back_their_weights(weights):
    found = ahp.priorities(consistent(weights))
    assert found.weights == pytest.approx(np.array(weights) / sum(weights), rel=1e-10)
    assert (found.lambda_max, found.consistency_index) == (len(weights), 0)


@settings(deadline=None)
@given(st.lists(ratios, min_size=15, max_size=15), st.permutations(range(6)))
def test_the_order_of_items_and_of_a_pair_does_not_matter(judgements, order):
    pairs = [(a, b) for a in range(6) for b in range(a + 1, 6)]
    items = [str(number) for number in range(6)]
    given_matrix = ahp.comparison_matrix(
        items, [(items[a], items[b], x) for (a, b), x in zip(pairs, judgements, strict=True)]
    )
    reordered = ahp.comparison_matrix(
        [items[number] for number in order],
        [(items[b], items[a], 1 / x) for (a, b), x in zip(pairs, judgements, strict=True)],
    )
    found, again = ahp.priorities(given_matrix), ahp.priorities(reordered)
    assert again.weights == pytest.approx(found.weights[list(order)], rel=1e-10)
    assert again.lambda_max == pytest.approx(found.lambda_max, rel=1e-12)
    assert found.lambda_max >= 6
    assert found.weights.sum() == pytest.approx(1)


@settings(deadline=None)
@given(st.lists(st.lists(ratios, min_size=6, max_size=6), min_size=1, max_size=4))
def test_a_groups_matrix_is_reciprocal(experts):
    matrices = [
        matrix(f"{a} {b} {c}\n{d} {e}\n{f}")
        for a, b, c, d, e, f in [[f"{x:.17g}" for x in judgements] for judgements in experts]
    ]
    group = ahp.group_matrix(matrices)
    assert group * group.T == pytest.approx(np.ones((4, 4)))
    first = np.prod([judgements[0] for judgements in experts]) ** (1 / len(experts))
    assert group[0, 1] == pytest.approx(first)


# The table ---------------------------------------------------------------------------------------

JUDGEMENT_SCHEMA = pa.schema(
    [(name, pa.string()) for name in ("index_code", "parent_code", "expert_id", "item_a", "item_b")]
    + [("judgement", pa.float64())]
)
ITEM_SCHEMA = pa.schema(
    [(name, pa.string()) for name in ("index_code", "parent_code", "item_code")]
)


def random_indices() -> list[dict[str, str]]:
    with open(PROJECT / "seeds/catalog/ahp_random_indices.csv", encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


def table_rows(judgements, items, random_index_table="saaty_1980") -> list[dict]:
    """priorities_table over (parent, expert, a, b, judgement) and {parent: items}."""
    shipped = pa.Table.from_pylist(
        [
            {**row, "n_items": int(row["n_items"]), "random_index": float(row["random_index"])}
            for row in random_indices()
        ]
    )
    found = ahp.priorities_table(
        pa.Table.from_pylist(
            [dict(zip(JUDGEMENT_SCHEMA.names, ("x", *row), strict=True)) for row in judgements],
            schema=JUDGEMENT_SCHEMA,
        ),
        pa.Table.from_pylist(
            [
                {"index_code": "x", "parent_code": parent, "item_code": code}
                for parent, codes in items.items()
                for code in codes
            ],
            schema=ITEM_SCHEMA,
        ),
        shipped,
        random_index_table,
    )
    assert found.schema.equals(ahp.PRIORITIES_SCHEMA)
    return found.to_pylist()


def one_parent(judgements: dict, random_index_table: str = "saaty_1980") -> list[dict]:
    """The group's rows of one parent under the judgements of one expert."""
    items = sorted({item for pair in judgements for item in pair})
    rows = table_rows(
        [("p", "e", a, b, judgement) for (a, b), judgement in judgements.items()],
        {"p": items},
        random_index_table,
    )
    return [row for row in rows if row["expert_id"] == "group"]


def test_the_table_of_experts_and_group():
    rows = table_rows(
        [
            ("p", "zoe", "a", "b", 2.0),
            ("p", "zoe", "c", "b", 0.5),
            ("p", "zoe", "a", "c", 4.0),
            ("p", "adam", "b", "a", 1 / 8),
            ("p", "adam", "b", "c", 2.0),
        ],
        {"p": ["c", "a", "b"], "single": ["d"]},
    )
    assert [(row["expert_id"], row["item_code"]) for row in rows] == [
        (expert, item) for expert in ("adam", "zoe", "group") for item in "abc"
    ]
    adam, zoe, group = rows[0], rows[3], rows[6]
    # zoe's judgements are consistent: 4, 2, 1
    assert [row["weight"] for row in rows[3:6]] == pytest.approx([4 / 7, 2 / 7, 1 / 7])
    assert (zoe["consistency_ratio"], zoe["accepted"], zoe["message"]) == (0, True, None)
    assert (zoe["random_index"], zoe["random_index_table"]) == (0.58, "saaty_1980")
    # adam gave two of three: 16, 2, 1; no consistency test
    assert [row["weight"] for row in rows[:3]] == pytest.approx([16 / 19, 2 / 19, 1 / 19])
    assert (adam["n_items"], adam["n_pairs_missing"], adam["is_connected"]) == (3, 1, True)
    assert adam["lambda_max"] == 3 and adam["consistency_index"] == 0
    assert adam["random_index"] is adam["consistency_ratio"] is adam["accepted"] is None
    # the group as in test_a_group_by_hand: t^3 = 4 x 2 / 4
    t = 2 ** (1 / 3)
    assert group["lambda_max"] == pytest.approx(1 + t + 1 / t)
    assert group["consistency_ratio"] == pytest.approx((t + 1 / t - 2) / 2 / 0.58)
    assert group["accepted"] is True
    assert group["message"] == (
        "a over b is 4 and b over c is 2, so a over c should be near 8, but it is 4"
    )


def test_an_unacceptable_ratio():
    (row, *_) = one_parent({("a", "b"): 3, ("b", "c"): 3, ("c", "a"): 3})
    assert row["consistency_ratio"] > 1 and row["accepted"] is False
    assert row["message"] == (
        "a over b is 3 and b over c is 3, so a over c should be near 9, but it is 0.333"
    )


def test_missing_pairs_scale_the_random_index():
    judgements = {("a", "b"): 2, ("b", "c"): 2, ("c", "d"): 2, ("a", "c"): 2, ("b", "d"): 3}
    (row, *_) = one_parent(judgements)
    assert row["random_index"] == pytest.approx(0.6)
    assert row["consistency_ratio"] == pytest.approx(row["consistency_index"] / 0.6)


def test_parents_that_no_comparison_connects():
    rows = table_rows(
        [("p", "e", "a", "b", 2.0), ("elsewhere", "e", "x", "y", 2.0)],
        {"p": ["a", "b", "c"], "q": ["d", "e"]},
    )
    assert [(r["parent_code"], r["expert_id"]) for r in rows] == (
        [("p", "e")] * 3 + [("p", "group")] * 3 + [("q", "group")] * 2
    )
    assert not any(row["is_connected"] for row in rows)
    empty = {"weight", "lambda_max", "consistency_index", "random_index", "consistency_ratio"}
    assert all(row[name] is None for row in rows for name in {*empty, "accepted"})
    assert rows[0]["message"] == "{a, b} and {c} are not compared with each other"
    assert rows[-1]["message"] == "{d} and {e} are not compared with each other"


def test_two_items_and_unknown_random_indices():
    rows = one_parent({("a", "b"): 3}, random_index_table="unknown")
    assert [row["weight"] for row in rows] == pytest.approx([0.75, 0.25])
    assert rows[0]["consistency_ratio"] == 0 and rows[0]["accepted"] is True
    (row, *_) = one_parent(
        {("a", "b"): 3, ("b", "c"): 3, ("a", "c"): 3}, random_index_table="unknown"
    )
    assert row["consistency_index"] > 0
    assert row["random_index"] is row["consistency_ratio"] is row["accepted"] is None
    codes = [f"{number:02}" for number in range(16)]  # the tables end at 15
    (row, *_) = one_parent({(a, b): 1 for a in codes for b in codes if a < b})
    assert row["lambda_max"] == 16 and row["accepted"] is None


def test_the_order_of_the_input_does_not_matter():
    judgements = [
        ("p", expert, a, b, judgement)
        for expert, judgement in (("e", 2.0), ("f", 5.0))
        for a, b in (("a", "b"), ("b", "c"), ("a", "c"))
    ]
    assert table_rows(judgements, {"p": "abc"}) == table_rows(judgements[::-1], {"p": "cba"})


def test_empty_input_and_a_reserved_name():
    assert table_rows([], {}) == []
    assert table_rows([("p", "e", "a", "b", 2.0)], {}) == []
    with pytest.raises(ValueError, match="cannot be called 'group'"):
        table_rows([("p", "group", "a", "b", 2.0)], {"p": "ab"})
