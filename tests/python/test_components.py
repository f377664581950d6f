"""Principal components of user tables, and analyses that fail."""

import numpy as np
import pytest
from conftest import DataDir, rows
from test_index_engine import an_index, one_period

pytestmark = pytest.mark.marts(
    "pca_components",
    "pca_fits",
    "pca_scores",
    "rank_differences",
    "agreement_tests",
    "unrelated_rankings",
    "input_warnings",
    tested=True,
)

FIGURES = one_period(a=(1, 2, 4, 3, 7, 5), b=(2, 1, 5, 3, 6, 9), c=(9, 7, 4, 6, 2, 3))
ANALYSES = "analysis_code,title,matrix,checked_index_code\nmine,Mine,correlation,"
VARIABLES = """
    analysis_code,variable,source_kind,source_code,reference_components
    mine,a,indicator,a,
    mine,b,indicator,b,2
    mine,c,indicator,c,1
"""


def with_analysis(observed=None, analyses=ANALYSES, variables=VARIABLES, **options):
    data = an_index(observed or FIGURES, "efficacy,0,1,pooled,equal,weighted_mean", **options)
    data.tables["pca_analyses"] = rows(analyses)
    data.tables["pca_variables"] = rows(variables)
    return data


@pytest.mark.parametrize("matrix", ["correlation", "covariance"])
def test_components_of_the_users_indicators_are_numpys(matrix, build):
    result = build(with_analysis(analyses=ANALYSES.replace("correlation", matrix)), command="build")
    assert result.succeeded, result.message
    values = np.array([list(FIGURES[code].values()) for code in "abc"], dtype=float).T
    centred = values - values.mean(axis=0)
    if matrix == "correlation":
        centred /= values.std(axis=0, ddof=1)
    eigenvalues, vectors = np.linalg.eigh(np.cov(centred.T))
    eigenvalues, vectors = eigenvalues[::-1], vectors[:, ::-1]
    vectors[:, 0] *= np.sign(vectors[2, 0])
    vectors[:, 1] *= np.sign(vectors[1, 1])
    vectors[:, 2] *= np.sign(vectors[np.abs(vectors[:, 2]).argmax(), 2])
    found = result.query(
        "select eigenvalue from marts.pca_components where analysis_code = 'mine' "
        "order by component"
    )
    np.testing.assert_allclose(np.ravel(found), eigenvalues, rtol=1e-9)
    found = result.query(
        "select score from marts.pca_scores where analysis_code = 'mine' "
        "order by unit_id, component"
    )
    np.testing.assert_allclose(np.ravel(found), np.ravel(centred @ vectors), atol=1e-9)
    # The analyses of published matrices are kept; that of the shipped data is dropped.
    assert result.query("select analysis_code from marts.pca_fits order by 1") == [
        ("cei_published",),
        ("mine",),
    ]


def test_user_index_is_checked_by_ranks_of_its_nodes(build):
    analyses = ANALYSES + "x"
    variables = VARIABLES.replace("indicator,", "node_rank,x/n_").replace("b,2", "b,")
    nodes = "x,n_a,x,,,\nx,n_b,x,,,\nx,n_c,x,,,"
    members = "x,a,n_a,1,\nx,b,n_b,1,\nx,c,n_c,-1,"
    result = build(
        with_analysis(analyses=analyses, variables=variables, nodes=nodes, members=members),
        command="build",
    )
    assert result.succeeded, result.message
    found = result.query(
        "select analysis_code, index_code, count(*), sum(rank_difference) "
        "from marts.rank_differences group by 1, 2"
    )
    assert found == [("mine", "x", 6, 0)]
    assert result.value("select count(*) from marts.agreement_tests") == 5
    assert result.query("select distinct n_units from marts.unrelated_rankings order by 1") == [
        (6,),
        (284,),
    ]


def test_rows_that_lack_a_variable_are_dropped_and_counted(build):
    observed = {code: dict(values) for code, values in FIGURES.items()}
    del observed["b"]["c", 2020]
    result = build(with_analysis(observed, policy="skip"))
    assert result.query(
        "select status, n_observations, n_dropped from marts.pca_fits where analysis_code = 'mine'"
    ) == [("ok", 5, 1)]
    assert result.query(
        "select count(*) from marts.pca_scores where analysis_code = 'mine' and unit_id = 'c'"
    ) == [(0,)]


def test_ranks_of_periods_of_different_size_are_no_component(build):
    """Three unrelated rankings of 40 units, and of 10 of them a year later."""
    generator = np.random.default_rng(1)
    observed = {
        code: {
            (f"u{unit:02d}", period): float(value)
            for period, size in ((1, 40), (2, 10))
            for unit, value in enumerate(generator.permutation(size))
        }
        for code in "abc"
    }
    variables = VARIABLES.replace("indicator,", "indicator_rank,")
    result = build(with_analysis(observed, variables=variables))
    standardized = []
    for code in "abc":
        column = []
        for period, size in ((1, 40), (2, 10)):
            values = np.array([observed[code][f"u{unit:02d}", period] for unit in range(size)])
            ranks = size - values
            column.extend((ranks - ranks.mean()) / ranks.std(ddof=1))
        standardized.append(column)
    eigenvalues = np.linalg.eigvalsh(np.corrcoef(standardized))[::-1]
    found = result.query(
        "select eigenvalue from marts.pca_components where analysis_code = 'mine' order by 1 desc"
    )
    np.testing.assert_allclose(np.ravel(found), eigenvalues, rtol=1e-9)


def test_user_table_is_combined_with_the_shipped_other(build):
    """cei_rankings on covariances, with its variables and data as shipped."""
    analyses = rows(ANALYSES.replace("mine,Mine,correlation,", "cei_rankings,C,covariance,cei"))
    result = build(DataDir({"pca_analyses": analyses}))
    assert result.succeeded, result.message
    assert result.query("select analysis_code, matrix, status from marts.pca_fits order by 1") == [
        ("cei_published", "correlation", "ok"),
        ("cei_rankings", "covariance", "ok"),
    ]
    assert result.value("select count(*) from marts.rank_differences") == 284


def test_tables_without_records_leave_the_published_matrix(build):
    data = an_index(FIGURES, "efficacy,0,1,pooled,equal,weighted_mean")
    data.files["pca_analyses.csv"] = b"analysis_code,title,matrix\n"
    data.files["pca_variables.csv"] = b"analysis_code,variable,source_kind,source_code\n"
    result = build(data)
    assert result.query("select analysis_code, status from marts.pca_fits") == [
        ("cei_published", "ok")
    ]


@pytest.mark.parametrize(
    ("observed", "message"),
    [
        ({"b": (3, 3, 3, 3, 3, 3)}, "b"),
        ({"a": (1, 2, 3), "b": (2, 1, 5), "c": (9, 7, 5)}, "3 rows for 3 variables"),
    ],
)
def test_failed_analyses_have_a_message_and_stop_nothing(observed, message, build):
    given = {"a": (1, 2, 4, 3, 7, 5), "b": (2, 1, 5, 3, 6, 9), "c": (9, 7, 4, 6, 2, 3), **observed}
    result = build(with_analysis(one_period(**given)), command="build")
    assert result.succeeded, result.message
    status, reason = result.query(
        "select status, message from marts.pca_fits where analysis_code = 'mine'"
    )[0]
    assert status == "not_estimated"
    assert message in reason
    assert result.query(
        "select value from quality.input_warnings where rule = 'analysis_is_not_estimated'"
    ) == [("mine",)]
    assert (
        result.value("select count(*) from marts.pca_components where analysis_code = 'mine'") == 0
    )


FAULTS = {
    "unknown words": (
        ANALYSES.replace("correlation", "both"),
        VARIABLES.replace("a,indicator,a", "a,indicators,a"),
        [
            "pca_analyses.csv row 2: matrix 'both' is not one of correlation, covariance",
            "pca_variables.csv row 2: source_kind 'indicators' is not one of indicator,",
        ],
    ),
    "unknown sources": (
        ANALYSES,
        VARIABLES.replace("indicator,a", "indicator,z").replace("indicator,b", "node_score,x"),
        [
            "pca_variables.csv row 2: source_code 'z' is not a source of the kind indicator",
            "pca_variables.csv row 3: source_code 'x' is not a source of the kind "
            "node_score; write index_code/node_code",
        ],
    ),
    "unknown analysis": (
        ANALYSES,
        VARIABLES + "other,a,indicator,a,\n",
        ["pca_variables.csv row 5: analysis_code 'other' is unknown"],
    ),
    "one variable": (
        ANALYSES,
        "\n".join(VARIABLES.splitlines()[:3]),
        ["pca_analyses.csv row 2: analysis_code 'mine' has fewer than two variables"],
    ),
    "scores checked as ranks": (
        ANALYSES + "x",
        VARIABLES,
        [
            "pca_analyses.csv row 2: checked_index_code 'x' can be checked only by an analysis of "
            "ranks: use node_rank or index_rank"
        ],
    ),
    "an analysis of the project": (
        ANALYSES.replace("mine", "cei_published"),
        VARIABLES.replace("mine", "cei_published"),
        [
            "pca_analyses.csv row 2: analysis_code 'cei_published' is the code of the project's "
            "own analysis of a published matrix",
            "pca_variables.csv row 2: analysis_code 'cei_published' is the code of the project's "
            "own analysis of a published matrix",
        ],
    ),
    "a published variable among data": (
        ANALYSES,
        VARIABLES.replace("indicator,a", "published,LCH"),
        ["pca_variables.csv row 2: source_kind 'published' is not possible in the analysis mine"],
    ),
    "a reference that is no number": (
        ANALYSES,
        VARIABLES.replace("c,1", "c,first"),
        ["pca_variables.csv row 4: reference_components 'first' is not a list of components"],
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_of_the_analyses_stops_the_build(fault, build):
    analyses, variables, expected = FAULTS[fault]
    result = build(with_analysis(analyses=analyses, variables=variables))
    assert not result.succeeded
    for message in expected:
        assert message in result.message
    assert "Traceback" not in result.message
