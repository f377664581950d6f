"""AHP weights inside the engine, on small folders, against numbers worked out by hand."""

import pytest
from conftest import rows
from test_index_engine import an_index, one_period, scores

pytestmark = pytest.mark.marts(
    "index_scores",
    "index_node_scores",
    "index_weights",
    "ahp_consistency",
    "input_warnings",
    tested=True,
)

# On the root: two nodes and an indicator; below the nodes: three indicators and one.
NODES = "x,p,x,,,\nx,q,x,,,"
MEMBERS = "x,a,p,1,\nx,b,p,1,\nx,c,p,1,\nx,d,q,1,\nx,e,x,1,"
JUDGEMENTS = """
    index_code,parent_code,expert_id,item_a,item_b,judgement
    x,x,li,p,q,2
    x,x,li,q,e,2
    x,x,li,p,e,4
    x,p,li,a,b,3
    x,p,li,b,c,1
    x,p,li,a,c,3
"""
FIGURES = one_period(a=(0, 1, 0.5), b=(0, 0, 1), c=(1, 0, 0.25), d=(0.5, 0, 1), e=(1, 0, 0))


def an_ahp_index(judgements: str = JUDGEMENTS, **options):
    data = an_index(
        FIGURES, "efficacy,0,1,pooled,ahp,weighted_mean", nodes=NODES, members=MEMBERS, **options
    )
    data.tables["ahp_judgements"] = rows(judgements)
    return data


def test_weights_multiply_down_the_hierarchy_as_by_hand(build):
    # root: p : q : e = 4 : 2 : 1; below p: a : b : c = 3 : 1 : 1. Both are consistent. p(a-unit) =
    # .6 x 0 + .2 x 0 + .2 x 1 = .2; score = (4 x .2 + 2 x .5 + 1 x 1) / 7 = 2.8 / 7 p(b-unit) = .6;
    # score = 4 x .6 / 7 p(c-unit) = .6 x .5 + .2 x 1 + .2 x .25 = .55; score = (4 x .55 + 2 x 1) /
    # 7
    result = build(an_ahp_index(), command="build")
    assert scores(result) == pytest.approx(
        {("a", 2020): 2.8 / 7, ("b", 2020): 2.4 / 7, ("c", 2020): 4.2 / 7}, rel=1e-11
    )
    weights = dict(
        result.query(
            "select coalesce(indicator_code, node_code), global_weight from marts.index_weights "
            "where scheme = 'headline'"
        )
    )
    assert weights == pytest.approx(
        {
            "x": 1,
            "p": 4 / 7,
            "q": 2 / 7,
            "e": 1 / 7,
            "a": 12 / 35,
            "b": 4 / 35,
            "c": 4 / 35,
            "d": 2 / 7,
        },
        rel=1e-11,
    )
    assert result.query(
        "select parent_code, expert_id, n_items, lambda_max, consistency_ratio, accepted "
        "from marts.ahp_consistency order by 1, 2"
    ) == [
        ("p", "group", 3, 3, 0, True),
        ("p", "li", 3, 3, 0, True),
        ("x", "group", 3, 3, 0, True),
        ("x", "li", 3, 3, 0, True),
    ]


def test_group_judgement_is_the_geometric_mean_of_answers(build):
    # a over b: wang 12, li 3 -> 6; a over c likewise; b over c: only li, 1. a : b : c = 6 : 1 : 1
    more = "x,p,wang,b,a,0.0833333333333333\nx,p,wang,a,c,12\n"
    result = build(an_ahp_index(JUDGEMENTS + more))
    assert result.succeeded, result.message
    assert result.query(
        "select indicator_code, weight from marts.index_weights "
        "where scheme = 'headline' and node_code = 'p' and indicator_code is not null order by 1"
    ) == [("a", pytest.approx(0.75)), ("b", pytest.approx(0.125)), ("c", pytest.approx(0.125))]
    assert result.query(
        "select expert_id, n_pairs_missing, consistency_ratio from marts.ahp_consistency "
        "where parent_code = 'p' order by 1"
    ) == [
        ("group", 0, pytest.approx(0, abs=1e-9)),
        ("li", 0, 0),
        ("wang", 1, None),  # two judgements connect three items and cannot contradict each other
    ]


def test_missing_branches_are_left_out_level_by_level_as_by_hand(build):
    data = an_ahp_index(policy="skip", minimum_weight_share="0.3")
    data.tables["observations"] = [
        row
        for row in data.tables["observations"]
        if (row["unit_id"], row["indicator_code"]) not in {("b", "d"), ("c", "e"), ("a", "a")}
    ]
    # The values of a are 1, .5 (z = 1, 0 for b, c), of d .5, 1 (z = 0, 1 for a, c), of e 1, 0.
    # a lacks a: p = (.2 x 0 + .2 x 1) / .4 = .5; score = (4 x .5 + 2 x 0 + 1 x 1) / 7
    # b lacks d, so q is absent: p = .6; score = (4 x .6 + 1 x 0) / 5
    # c lacks e: p = .2 x 1 + .2 x .25 = .25; score = (4 x .25 + 2 x 1) / 6
    assert scores(build(data)) == pytest.approx(
        {("a", 2020): 3 / 7, ("b", 2020): 2.4 / 5, ("c", 2020): 3 / 6}, rel=1e-11
    )


def test_a_pair_in_both_orders_counts_once_where_the_two_agree(build):
    both = JUDGEMENTS + "x,p,li,b,a,0.33\nx,p,li,c,b,1\n"
    assert scores(build(an_ahp_index(both)))["a", 2020] == pytest.approx(2.8 / 7)


def test_an_empty_judgement_is_a_comparison_that_is_missing(build):
    result = build(an_ahp_index(JUDGEMENTS.replace("x,p,li,b,c,1", "x,p,li,b,c,")))
    assert scores(result)["a", 2020] == pytest.approx(2.8 / 7)
    assert result.query(
        "select n_pairs_missing, consistency_ratio from marts.ahp_consistency "
        "where parent_code = 'p' and expert_id = 'group'"
    ) == [(1, None)]
    assert result.query(
        "select value from quality.input_warnings where rule = 'consistency_is_tested'"
    ) == [("p",)]


def test_empty_judgement_is_no_contradiction(build):
    empty = JUDGEMENTS + "x,p,li,b,a,\nx,p,li,c,b,\n"
    assert scores(build(an_ahp_index(empty)))["a", 2020] == pytest.approx(2.8 / 7)


def test_one_expert_who_contradicts_himself_is_a_warning(build):
    zhou = "x,p,zhou,a,b,9\nx,p,zhou,b,c,9\nx,p,zhou,a,c,1\n"
    steady = "".join(
        f"x,p,{expert},a,b,3\nx,p,{expert},b,c,1\nx,p,{expert},a,c,3\n" for expert in "klmnop"
    )
    result = build(an_ahp_index(JUDGEMENTS + zhou + steady))
    assert result.succeeded, result.message
    warning = result.query(
        "select value, reason from quality.input_warnings where rule = 'judgements_of_an_expert'"
    )
    assert len(warning) == 1
    assert warning[0][0] == "zhou"
    assert "so a over c should be near 81, but it is 1" in warning[0][1]


FAULTS = {
    "contradictions": (
        JUDGEMENTS.replace("x,p,li,a,c,3", "x,p,li,c,a,5"),
        [
            "parent_code 'p' of the index x: the judgements of the group have a consistency ratio",
            "a over b is 3 and b over c is 1, so a over c should be near 3, but it is 0.2",
        ],
    ),
    "unconnected": (
        JUDGEMENTS.replace("x,p,li,b,c,1", "x,p,li,b,c,").replace("x,p,li,a,c,3", "x,p,li,a,c,"),
        [
            "parent_code 'p' of the index x has children that no chain of comparisons connects",
            "make ahp-sheet INDEX=x",
        ],
    ),
    "no judgements": (
        "\n".join(line for line in JUDGEMENTS.splitlines() if "x,p,li" not in line),
        ["parent_code 'p' of the index x has no judgements, but the index has AHP weights"],
    ),
    "zero": (
        JUDGEMENTS.replace("x,p,li,b,c,1", "x,p,li,b,c,0"),
        ["ahp_judgements.csv row 6: judgement '0' is not a number above 0"],
    ),
    "below zero and a fraction": (
        JUDGEMENTS.replace("x,p,li,b,c,1", "x,p,li,b,c,-3").replace("a,c,3", "a,c,1/3"),
        [
            "ahp_judgements.csv row 6: judgement '-3' is not a number above 0",
            "ahp_judgements.csv row 7: judgement '1/3' is not a number above 0",
            "or 0.333 for a third",
        ],
    ),
    "beyond all measure": (
        JUDGEMENTS.replace("x,p,li,b,c,1", "x,p,li,b,c,1e-320"),
        ["ahp_judgements.csv row 6: judgement '1e-320' is not a number above 0 (from 0.000001"],
    ),
    "twice with different values": (
        JUDGEMENTS + "x,p,li,b,a,3\nx,p,li,b,c,2\n",
        [
            "row 8: judgement '3' of b over a by li contradicts row 5, which has 3 for a over b",
            "row 9: judgement '2' of b over c by li contradicts row 6, which has 1 for b over c",
        ],
    ),
    "no child of its parent": (
        JUDGEMENTS + "x,p,li,a,d,2\nx,nowhere,li,a,b,2\n",
        [
            "ahp_judgements.csv row 8: item_b 'd' is not a child of p in the index x",
            "ahp_judgements.csv row 9: parent_code 'nowhere' is not a node of the index x",
        ],
    ),
    "itself": (
        JUDGEMENTS + "x,p,li,a,a,1\n",
        ["ahp_judgements.csv row 8: item_b 'a' is compared with itself"],
    ),
    "an expert called group": (
        JUDGEMENTS + "x,p,group,a,b,1\n",
        ["ahp_judgements.csv row 8: expert_id 'group' is reserved for all experts together"],
    ),
    "unknown index and empty key": (
        JUDGEMENTS + "y,p,li,a,b,1\nx,p,,a,b,1\n",
        [
            "ahp_judgements.csv row 8: index_code 'y' is unknown",
            "ahp_judgements.csv row 9: expert_id is empty",
        ],
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_of_the_judgements_stops_the_build(fault, build):
    judgements, expected = FAULTS[fault]
    result = build(an_ahp_index(judgements))
    assert not result.succeeded
    for message in expected:
        assert message in result.message
    assert "Traceback" not in result.message
    assert (
        result.query(
            "select table_name from duckdb_tables() "
            "where table_name in ('index_scores', 'ahp_consistency')"
        )
        == []
    )


# a over b 3, b over c 2, a over c 1: lambda_max = 1 + t + 1 / t with t = (3 x 2 / 1)^(1/3) =
# 1.81712, so that lambda_max = 3.36744; CI = .18372; CR = .18372 / .58 = .31676 (Saaty 1980).
PUBLISHED = JUDGEMENTS.replace("x,p,li,b,c,1", "x,p,li,b,c,2").replace(
    "x,p,li,a,c,3", "x,p,li,a,c,1"
)


def test_a_published_matrix_is_used_within_its_limit(build):
    result = build(
        an_ahp_index(PUBLISHED, consistency_limit="0.32", consistency_reason="As published")
    )
    assert result.succeeded, result.message
    assert result.query(
        "select parent_code, consistency_ratio, accepted, overridden from marts.ahp_consistency "
        "where expert_id = 'group' order by 1"
    ) == [("p", pytest.approx(0.31676, abs=1e-5), False, True), ("x", 0, True, False)]
    ((reason,),) = result.query(
        "select reason from quality.input_warnings where rule = 'judgements_are_overridden'"
    )
    assert "ratio of 0.317, more than 0.10, used within consistency_limit 0.32: As publ" in reason


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, "consistency ratio of 0.317, more than 0.1, by the random indices saaty_1980"),
        (
            {"consistency_limit": "0.3", "consistency_reason": "As published"},
            "consistency ratio of 0.317, more than 0.3, by the random indices saaty_1980",
        ),
        (
            {"consistency_limit": "0.4"},
            "consistency_limit '0.4' is above 0.10 and needs a reason: write in consistency_reason",
        ),
        ({"consistency_limit": "0"}, "consistency_limit '0' is not a number above 0"),
        ({"consistency_limit": "much"}, "consistency_limit 'much' is not a number above 0"),
    ],
)
def test_a_consistency_limit_is_kept_and_has_a_reason(options, expected, build):
    result = build(an_ahp_index(PUBLISHED, **options))
    assert not result.succeeded
    assert expected in result.message


def test_a_consistency_limit_has_no_meaning_without_judgements(build):
    data = an_index(FIGURES, "efficacy,0,1,pooled,equal,weighted_mean", consistency_limit="0.05")
    assert "has no meaning under the weighting equal" in build(data).message


def test_judgements_under_other_weightings_are_ignored(build):
    data = an_ahp_index(FAULTS["contradictions"][0])
    data.tables["indices"][0]["weighting"] = "equal"
    assert scores(build(data))["b", 2020] == pytest.approx(1 / 9)  # p = 1/3, and q = e = 0
