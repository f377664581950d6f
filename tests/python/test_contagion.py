"""DebtRank, cascades and circles, beside hand computation, networkx and naive loops."""

import networkx as nx
import numpy as np
import pyarrow as pa
import pytest
from scipy.sparse import csc_array

from credit_indices.stats.contagion import circles, scenarios, spread


def matrix(n, entries):
    """A matrix of shape (n, n) from {(exposed, failing): entry}."""
    dense = np.zeros((n, n))
    for place, entry in entries.items():
        dense[place] = entry
    return csc_array(dense)


def starts(n, *places):
    flags = np.zeros(n, dtype=bool)
    flags[list(places)] = True
    return flags


def test_debt_rank_of_a_chain_with_a_shortcut():
    # 0 fails. 1 loses half of its capital by 0; 2 loses 0.2 by 0 and 0.4 by 1; 3 loses 0.5 by 2.
    # Round 1: h1 = 0.5, h2 = 0.2. Round 2: h2 = 0.2 + 0.4 * 0.5 = 0.4, and 2 passes on the 0.2 with
    # which it entered the round: h3 = 0.5 * 0.2 = 0.1. The further 0.2 of 2 is not passed on.
    impact = matrix(4, {(1, 0): 0.5, (2, 0): 0.2, (2, 1): 0.4, (3, 2): 0.5})
    made = spread.debt_rank(impact, starts(4, 0))
    assert made.distress == pytest.approx([1, 0.5, 0.4, 0.1])
    assert made.rounds == 2


def test_debt_rank_ends_on_a_cycle():
    # 0 -> 1 -> 2 -> 0 -> ...: h1 = 0.5, h2 = 0.25; 0 has distress 1 already, and 1 passes on once.
    # 3 is exposed to 2 (0.8) and 1 to 3 (1): h3 = 0.2, then h1 = 0.5 + 0.2.
    impact = matrix(4, {(1, 0): 0.5, (2, 1): 0.5, (0, 2): 0.5, (3, 2): 0.8, (1, 3): 1.0})
    made = spread.debt_rank(impact, starts(4, 0))
    assert made.distress == pytest.approx([1, 0.7, 0.25, 0.2])
    assert made.rounds == 4


def test_debt_rank_is_at_most_one():
    impact = matrix(3, {(2, 0): 0.7, (2, 1): 0.7})
    assert spread.debt_rank(impact, starts(3, 0, 1)).distress == pytest.approx([1, 1, 1])
    assert spread.debt_rank(impact, starts(3)).distress.tolist() == [0, 0, 0]


def test_cascade_by_hand():
    # 1 loses 0.7 + 0.2 + 0.1 of its capital, but only once 0, 2 and 3 have failed.
    loss = matrix(5, {(1, 0): 0.7, (1, 2): 0.2, (1, 3): 0.1, (2, 0): 1.5, (3, 2): 1.0, (4, 1): 0.9})
    made = spread.threshold_cascade(loss, starts(5, 0), 1.0)
    assert made.distress.tolist() == [1, 1, 1, 1, 0]
    assert made.rounds == 3
    assert spread.threshold_cascade(loss, starts(5, 0), 0.7).distress.tolist() == [1, 1, 1, 1, 1]
    assert spread.threshold_cascade(loss, starts(5, 0), 1.6).distress.tolist() == [1, 0, 0, 0, 0]


def naive_debt_rank(impact, start):
    """Battiston et al. 2012, equations 2 and 3, with the states U, D and I."""
    n = len(start)
    h, state = [1.0 if one else 0.0 for one in start], ["D" if one else "U" for one in start]
    while "D" in state:
        new_h = [
            min(1.0, h[i] + sum(impact[i][j] * h[j] for j in range(n) if state[j] == "D"))
            for i in range(n)
        ]
        state = [
            "I" if state[i] == "D" else "D" if new_h[i] > 0 and state[i] == "U" else state[i]
            for i in range(n)
        ]
        h = new_h
    return h


def naive_cascade(loss, start, threshold):
    failed = set(np.flatnonzero(start))
    while True:
        more = {
            i
            for i in range(len(start))
            if i not in failed and sum(loss[i][j] for j in failed) >= threshold - 1e-9
        }
        if not more:
            return failed
        failed |= more


def random_matrix(rng):
    n = int(rng.integers(2, 13))
    dense = rng.random((n, n)) * (rng.random((n, n)) < rng.uniform(0.05, 0.6))
    np.fill_diagonal(dense, 0)
    return dense.round(2), rng.random(n) < 0.3


def test_spread_equals_naive_loops_on_random_graphs():
    rng = np.random.default_rng(21)
    longest = 0
    for _ in range(1_000):
        dense, start = random_matrix(rng)
        made = spread.debt_rank(csc_array(dense), start)
        assert made.distress == pytest.approx(naive_debt_rank(dense.tolist(), start), abs=1e-12)
        threshold = float(rng.choice([0.3, 0.7, 1.0]))
        failed = spread.threshold_cascade(csc_array(dense * 2), start, threshold).distress
        assert set(np.flatnonzero(failed)) == naive_cascade(dense * 2, start, threshold)
        longest = max(longest, made.rounds)
    assert longest > 4


@pytest.mark.parametrize(
    ("run", "message"),
    [
        (
            lambda: spread.debt_rank(matrix(2, {(0, 1): 1.2}), starts(2, 1)),
            "Impacts are between 1.2 and 1.2; expected shares of the capital between 0 and 1.",
        ),
        (
            lambda: spread.debt_rank(matrix(2, {}), starts(3)),
            "The matrix has shape (2, 2) and there are 3 enterprises; expected a row and a column "
            "per enterprise.",
        ),
        (
            lambda: spread.threshold_cascade(matrix(2, {(0, 1): -1}), starts(2), 1),
            "A loss is -1.0; expected shares of the capital from 0 on.",
        ),
        (
            lambda: spread.threshold_cascade(matrix(2, {}), starts(2), 0),
            "The threshold is 0; expected a share above 0, such as 1.",
        ),
    ],
)
def test_wrong_arguments_are_refused(run, message):
    with pytest.raises(ValueError) as error:
        run()
    assert str(error.value) == message


def exposures(rows):
    """Exposures (exposed, counterparty, kind, yuan or None, links, links without an amount)."""
    names = ("exposed_key", "counterparty_key", "kind", "exposure", "links", "links_without_amount")
    types = (pa.string(), pa.string(), pa.string(), pa.float64(), pa.int64(), pa.int64())
    schema = pa.schema(list(zip(names, types, strict=True)))
    return pa.Table.from_pylist([dict(zip(names, row, strict=True)) for row in rows], schema)


def guarantees(pairs):
    return exposures([(f"{a:02d}", f"{b:02d}", "guarantee", 1.0, 1, 0) for a, b in pairs])


def test_circles_are_networkx_components():
    rng = np.random.default_rng(5)
    found = 0
    for _ in range(1_000):
        n = int(rng.integers(2, 15))
        graph = nx.gnp_random_graph(
            n, rng.uniform(0.02, 0.3), seed=int(rng.integers(1e9)), directed=True
        )
        made = circles.circles_table(guarantees(graph.edges)).to_pylist()
        expected = sorted(
            (
                sorted(f"{node:02d}" for node in component)
                for component in nx.strongly_connected_components(graph)
                if len(component) > 1
            ),
            key=lambda keys: (-len(keys), keys),
        )
        assert [(row["circle_number"], row["enterprise_key"], row["members"]) for row in made] == [
            (number, key, len(keys))
            for number, keys in enumerate(expected, start=1)
            for key in keys
        ]
        found += len(expected)
    assert found > 300


def test_circles_are_of_guarantees_only():
    table = exposures(
        [
            ("a", "b", "guarantee", None, 1, 1),
            ("b", "a", "guarantee", 3.0, 1, 0),
            ("c", "d", "supply", 3.0, 1, 0),
            ("d", "c", "supply", 3.0, 1, 0),
        ]
    )
    assert [row["enterprise_key"] for row in circles.circles_table(table).to_pylist()] == ["a", "b"]
    assert circles.circles_table(table.slice(2)).num_rows == 0


@pytest.fixture
def world():
    """Four enterprises; d has no capital; a is at the worst level."""
    return {
        "enterprises": pa.table(
            {
                "enterprise_key": ["d", "a", "b", "c"],
                "registered_capital": [None, 100.0, 200.0, 50.0],
                "data_origin": ["user"] * 4,
            }
        ),
        "warned": pa.table({"enterprise_key": [*"ab"], "level_rank": [3, 2]}),
        "levels": pa.table({"level_rank": [1, 2, 3]}),
        "exposures": exposures(
            [
                ("b", "a", "guarantee", 50.0, 1, 0),
                ("b", "a", "any", 60.0, 3, 1),
                ("c", "b", "any", 100.0, 1, 0),
                ("c", "a", "any", None, 2, 2),
                ("d", "a", "any", 10.0, 1, 0),
                ("a", "c", "any", 5.0, 1, 0),
            ]
        ),
    }


def test_scenarios_by_hand(world):
    # Debt rank of a: b loses 60 / 200 = 0.3, c loses min(1, 100 / 50) * 0.3 = 0.3.
    # 0.3 * 200 + 0.3 * 50 = 75 of 350 yuan. Losses owed: a 70 (d included), b 100, c 5.
    table = scenarios.scenarios_table(**world, threshold=0.5, n_starts=2).to_pylist()
    assert [(row["scenario"], row["method"], row["start"]) for row in table] == [
        ("worst_level", "debt_rank", None),
        ("worst_level", "threshold_cascade", None),
        ("single", "debt_rank", "b"),
        ("single", "threshold_cascade", "b"),
        ("single", "debt_rank", "a"),
        ("single", "threshold_cascade", "a"),
    ]
    first, cascade, of_b, cascade_of_b = table[:4]
    assert first["distressed_capital"] == pytest.approx(75)
    assert first["share_of_capital"] == pytest.approx(75 / 350)
    assert (first["affected"], first["rounds"], first["start_enterprises"]) == (2, 2, 1)
    # Links in use: 2 + 1 + 1; without an amount 1 + 2; without a capital 1.
    counts = [first[name] for name in ("links", "links_without_amount", "links_without_capital")]
    assert counts == [4, 3, 1]
    assert (cascade["affected"], cascade["rounds"], cascade["threshold"]) == (0, 0, 0.5)
    # c loses 2 times its capital by b; a loses 0.05 by c.
    assert (cascade_of_b["affected"], cascade_of_b["distressed_capital"]) == (1, 50)
    assert of_b["distressed_capital"] == pytest.approx(50 + 5)
    assert {row["data_origin"] for row in table} == {"user"}


def test_scenarios_without_a_start_affect_nobody(world):
    world["levels"] = pa.table({"level_rank": [1, 2, 3, 4]})
    world["exposures"] = world["exposures"].slice(0, 0)
    table = scenarios.scenarios_table(**world, threshold=1, n_starts=5).to_pylist()
    assert [(row["start_enterprises"], row["affected"], row["rounds"]) for row in table] == [
        (0, 0, 0)
    ] * 2


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ({"n_starts": -1}, "The dbt variable contagion_starts is -1; expected a whole number"),
        ({"n_starts": "20"}, "The dbt variable contagion_starts is '20'; expected a whole number"),
        ({"threshold": 0}, "The dbt variable cascade_threshold is 0; expected a share"),
        ({"threshold": "1"}, "The dbt variable cascade_threshold is '1'; expected a share"),
    ],
)
def test_wrong_settings_are_refused(world, setting, message):
    with pytest.raises(ValueError) as error:
        scenarios.scenarios_table(**world | {"threshold": 1, "n_starts": 20} | setting)
    assert str(error.value).startswith(message)


def test_exposures_to_unknown_enterprises_are_refused(world):
    table = exposures([("b", "x", "any", 1.0, 1, 0)])
    with pytest.raises(ValueError, match=r"^1 exposure\(s\) name an enterprise that is not among"):
        scenarios.network(world["enterprises"], table)
