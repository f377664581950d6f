"""Principal components against Lin & Gu (2015), published examples and independent code."""

from math import erfc, exp, pi, sqrt

import numpy as np
import pyarrow as pa
import pytest
from numpy.testing import assert_allclose
from statsmodels.multivariate.pca import PCA

from credit_indices.stats import pca

# Ignore unclosed resources of dbt: dbt-duckdb opens an event loop per thread.
pytestmark = pytest.mark.filterwarnings("error", "ignore::ResourceWarning")

# Lin & Gu (2015), Tables 2, 3 and 4, 284 cities.
CEI = ["LCH", "ETP", "SYS", "GOV", "DIS", "EDU"]
CEI_MATRIX = np.array(
    [
        [1.0000, 0.1576, 0.1933, 0.1539, 0.0849, 0.1654],
        [0.1576, 1.0000, -0.0149, -0.1805, -0.1170, -0.2306],
        [0.1933, -0.0149, 1.0000, 0.3502, 0.2343, 0.4114],
        [0.1539, -0.1805, 0.3502, 1.0000, 0.2306, 0.4438],
        [0.0849, -0.1170, 0.2343, 0.2306, 1.0000, 0.0847],
        [0.1654, -0.2306, 0.4114, 0.4438, 0.0847, 1.0000],
    ]
)
CEI_EIGENVALUES = [2.05339008, 1.19043649, 0.93281021, 0.74256708, 0.60828125, 0.47251488]
CEI_LOADINGS = np.array(
    [
        [0.244189, 0.642825, -0.054923, -0.699277, -0.151514, -0.110388],
        [-0.210139, 0.728475, 0.044816, 0.473807, 0.333973, 0.295171],
        [0.496945, 0.199181, 0.008052, 0.531121, -0.488440, -0.438913],
        [0.526149, -0.075805, -0.070938, -0.000772, 0.783788, -0.313151],
        [0.310926, -0.048091, 0.899320, -0.050786, -0.012501, 0.299165],
        [0.525120, -0.091473, -0.425559, 0.042999, -0.111586, 0.721443],
    ]
)

# Harman's (1976, page 14) twelve census tracts: population, school, employment, services, house
# value. SAS Institute, SAS/STAT User's Guide, chapter FACTOR, Examples 1 and 2, prints the data,
# the eigenvalues of their correlations and Kaiser's measure of sampling adequacy.
TRACTS = np.array(
    [
        [5700, 12.8, 2500, 270, 25000],
        [1000, 10.9, 600, 10, 10000],
        [3400, 8.8, 1000, 10, 9000],
        [3800, 13.6, 1700, 140, 25000],
        [4000, 12.8, 1600, 140, 25000],
        [8200, 8.3, 2600, 60, 12000],
        [1200, 11.4, 400, 10, 16000],
        [9100, 11.5, 3300, 60, 14000],
        [9900, 12.5, 3400, 180, 18000],
        [9600, 13.7, 3600, 390, 25000],
        [9600, 9.6, 3300, 80, 12000],
        [9400, 11.4, 4000, 100, 13000],
    ]
)

# R: cor(USArrests); James, Witten, Hastie & Tibshirani, ISLR, section 10.4, prints the components.
ARRESTS = np.array(
    [
        [1.0, 0.80187331, 0.06957262, 0.56357883],
        [0.80187331, 1.0, 0.25887170, 0.66524123],
        [0.06957262, 0.25887170, 1.0, 0.41134124],
        [0.56357883, 0.66524123, 0.41134124, 1.0],
    ]
)


def names(p: int) -> list[str]:
    return [f"x{j + 1}" for j in range(p)]


def matrix_rows(matrix, variables=None, code="a", kind="correlation", n=100, dropped=0):
    """Rows of the first input table: the full square, by name."""
    variables = variables or names(len(matrix))
    return [
        {
            "analysis_code": code,
            "decomposed": kind,
            "n_observations": n,
            "n_dropped": dropped,
            "variable_a": a,
            "variable_b": b,
            "value": None if matrix[i][j] is None else float(matrix[i][j]),
        }
        for i, a in enumerate(variables)
        for j, b in enumerate(variables)
    ]


def variable_rows(variables, references=None, code="a"):
    references = references or {}
    return [
        {
            "analysis_code": code,
            "position": position + 1,
            "variable": variable,
            "reference_components": references.get(variable, ""),
        }
        for position, variable in enumerate(variables)
    ]


MATRICES = pa.schema(
    [
        ("analysis_code", pa.string()),
        ("decomposed", pa.string()),
        ("n_observations", pa.int64()),
        ("n_dropped", pa.int64()),
        ("variable_a", pa.string()),
        ("variable_b", pa.string()),
        ("value", pa.float64()),
    ]
)
VARIABLES = pa.schema(
    [
        ("analysis_code", pa.string()),
        ("position", pa.int32()),
        ("variable", pa.string()),
        ("reference_components", pa.string()),
    ]
)


def results(matrices, variables) -> pa.Table:
    return pca.results_table(
        pa.Table.from_pylist(matrices, schema=MATRICES),
        pa.Table.from_pylist(variables, schema=VARIABLES),
    )


def column(table: pa.Table, name: str) -> list:
    return table.column(name).to_pylist()


def square(table: pa.Table, name: str) -> np.ndarray:
    """A column by variable (rows) and component (columns)."""
    p = len(set(column(table, "variable")))
    return np.array(column(table, name)).reshape(p, p).T


@pytest.fixture(scope="module")
def cei() -> pa.Table:
    return results(
        matrix_rows(CEI_MATRIX, CEI, "cei", n=284), variable_rows(CEI, {"SYS": "4"}, "cei")
    )


def correlated_rows(n: int = 60, p: int = 5, seed: int = 7) -> np.ndarray:
    generator = np.random.default_rng(seed)
    return generator.normal(size=(n, p)) @ generator.normal(size=(p, p)) * 10.0 ** np.arange(p)


# The paper and published examples ---------------------------------------------------------------


def test_eigenvalues_are_those_of_the_papers_table_3(cei):
    assert_allclose(square(cei, "eigenvalue")[0], CEI_EIGENVALUES, atol=1e-4)
    assert_allclose(square(cei, "correlation_eigenvalue")[0], CEI_EIGENVALUES, atol=1e-4)


def test_loadings_are_those_of_table_4(cei):
    assert_allclose(square(cei, "loading"), CEI_LOADINGS, atol=2e-4)


def test_without_reference_only_the_fourth_sign_changes():
    table = results(matrix_rows(CEI_MATRIX, CEI, n=284), variable_rows(CEI))
    assert_allclose(square(table, "loading"), CEI_LOADINGS * [1, 1, 1, -1, 1, 1], atol=2e-4)


def test_diagnostics_of_the_papers_matrix(cei):
    first = cei.slice(0, 1).to_pylist()[0]
    assert first["kmo"] == pytest.approx(0.642, abs=5e-4)
    assert first["bartlett_statistic"] == pytest.approx(201.8, abs=0.05)
    assert first["bartlett_df"] == 15
    assert 0 < first["bartlett_p_value"] < 1e-30
    assert (first["status"], first["message"]) == ("ok", None)
    assert (first["n_observations"], first["n_variables"]) == (284, 6)


@pytest.mark.parametrize("threshold", ["parallel_mean", "parallel_95"])
def test_parallel_analysis_keeps_two_of_the_papers_components(cei, threshold):
    above = square(cei, "correlation_eigenvalue")[0] > square(cei, threshold)[0]
    assert above.tolist()[:3] == [True, True, False]


def test_census_tracts_agree_with_sas():
    correlation = np.corrcoef(TRACTS.T)
    components = pca.decompose(correlation)
    assert_allclose(
        components.eigenvalues, [2.8733136, 1.7966601, 0.2148369, 0.0999340, 0.0152555], atol=5e-7
    )
    overall, by_variable = pca.sampling_adequacy(correlation)
    assert overall == pytest.approx(0.57536759, abs=5e-9)
    assert_allclose(
        by_variable, [0.47207897, 0.55158839, 0.48851137, 0.80664365, 0.61281377], atol=5e-9
    )


def test_us_arrests_agree_with_islr():
    components = pca.decompose(ARRESTS)
    assert_allclose(
        np.sqrt(components.eigenvalues), [1.5748783, 0.9948694, 0.5971291, 0.4164494], atol=1e-6
    )
    assert_allclose(
        components.loadings[:, 0], [0.5358995, 0.5831836, 0.2781909, 0.5434321], atol=1e-6
    )
    assert_allclose(
        np.abs(components.loadings[:, 1]), [0.4181809, 0.1879856, 0.8728062, 0.1673186], atol=1e-6
    )


# Independent computations -----------------------------------------------------------------------


@pytest.mark.parametrize("kind", pca.KINDS)
def test_components_agree_with_statsmodels_and_svd(kind):
    data = correlated_rows()
    standardize = kind == "correlation"
    other = PCA(data, standardize=standardize, demean=True)
    centred = data - data.mean(axis=0)
    scaled = centred / data.std(axis=0, ddof=1) if standardize else centred
    _, singular, right = np.linalg.svd(scaled, full_matrices=False)

    table = results(
        matrix_rows(np.cov(data.T), kind=kind, n=len(data)), variable_rows(names(data.shape[1]))
    )
    loadings, eigenvalues = square(table, "loading"), square(table, "eigenvalue")[0]

    assert_allclose(eigenvalues, singular**2 / (len(data) - 1), rtol=1e-9)
    assert_allclose(np.abs(loadings), np.abs(right.T), atol=1e-9)
    assert_allclose(np.abs(loadings), np.abs(other.eigenvecs), atol=1e-9)
    assert_allclose(loadings.T @ loadings, np.eye(5), atol=1e-12)
    assert_allclose(
        square(table, "correlation_eigenvalue")[0],
        np.linalg.eigvalsh(np.corrcoef(data.T))[::-1],
        rtol=1e-8,
    )


def test_kmo_of_three_variables_by_hand():
    r12, r13, r23 = 0.5, 0.4, 0.3
    p12 = (r12 - r13 * r23) / np.sqrt((1 - r13**2) * (1 - r23**2))
    p13 = (r13 - r12 * r23) / np.sqrt((1 - r12**2) * (1 - r23**2))
    p23 = (r23 - r12 * r13) / np.sqrt((1 - r12**2) * (1 - r13**2))
    shared, paired = r12**2 + r13**2 + r23**2, p12**2 + p13**2 + p23**2

    overall, by_variable = pca.sampling_adequacy(
        np.array([[1, r12, r13], [r12, 1, r23], [r13, r23, 1]])
    )

    assert overall == pytest.approx(shared / (shared + paired), rel=1e-12)
    assert by_variable[0] == pytest.approx(
        (r12**2 + r13**2) / (r12**2 + r13**2 + p12**2 + p13**2), rel=1e-12
    )
    assert by_variable[2] == pytest.approx(
        (r13**2 + r23**2) / (r13**2 + r23**2 + p13**2 + p23**2), rel=1e-12
    )


def test_bartlett_of_three_variables_by_hand():
    # det R = 1 + 2 x .5 x .4 x .3 - .25 - .16 - .09 = .62; n - 1 - (2 x 3 + 5)/6 = 49 - 11/6
    test = pca.bartlett_sphericity(np.array([[1, 0.5, 0.4], [0.5, 1, 0.3], [0.4, 0.3, 1]]), n=50)
    statistic = -(49 - 11 / 6) * np.log(0.62)
    assert test.statistic == pytest.approx(statistic, rel=1e-12)
    assert test.df == 3
    # The tail of chi-squared on three degrees of freedom in closed form
    tail = erfc(sqrt(statistic / 2)) + sqrt(2 * statistic / pi) * exp(-statistic / 2)
    assert test.p_value == pytest.approx(tail, rel=1e-9)


def test_wishart_eigenvalues_are_those_of_normal_rows():
    n, p, draws = 20, 4, 4_000
    generator = np.random.default_rng(1)
    simulated = np.array(
        [
            np.linalg.eigvalsh(np.corrcoef(generator.normal(size=(n, p)).T))[::-1]
            for _ in range(draws)
        ]
    )
    drawn = pca.random_eigenvalues(n, p, draws=draws)
    assert_allclose(drawn.sum(axis=1), p, rtol=1e-12)
    assert_allclose(drawn.mean(axis=0), simulated.mean(axis=0), atol=0.015)
    for share in (0.05, 0.5, 0.95):
        assert_allclose(
            np.quantile(drawn, share, axis=0), np.quantile(simulated, share, axis=0), atol=0.03
        )


@pytest.mark.parametrize("n", [4, 5, 10])
def test_two_random_variables_correlate_as_tabulated(n):
    # Eigenvalues 1 +- |r|, and r^2 has mean 1/(n - 1) without correlation in the population.
    eigenvalues = pca.random_eigenvalues(n, 2, draws=40_000)
    assert ((eigenvalues[:, 0] - 1) ** 2).mean() == pytest.approx(1 / (n - 1), rel=0.02)


def test_the_upper_percentile_is_the_critical_correlation():
    # |r| of two variables and ten rows exceeds .632 with probability .05 (any table of r, df 8).
    _, upper = pca.parallel_analysis(10, 2)
    assert upper[0] == pytest.approx(1.632, abs=0.03)


def test_random_eigenvalues_converge_to_one_with_n():
    mean, upper = pca.parallel_analysis(10**9, 3)
    assert_allclose(mean, 1, atol=1e-3)
    assert_allclose(upper, 1, atol=1e-3)
    assert upper[0] > mean[0] > 1 > mean[2]


def test_random_eigenvalues_need_more_rows_than_variables():
    with pytest.raises(ValueError, match="4 rows for 4 variables"):
        pca.random_eigenvalues(4, 4)
    assert pca.random_eigenvalues(5, 4, draws=3).shape == (3, 4)


# Signs ------------------------------------------------------------------------------------------


def test_first_largest_loading_is_positive():
    loadings = pca.decompose(np.array([[1, -0.5], [-0.5, 1]])).loadings
    half = np.sqrt(0.5)
    assert_allclose(loadings, [[half, half], [-half, half]], atol=1e-12)


def test_one_variable_may_be_the_reference_of_several_components():
    matrix = np.corrcoef(correlated_rows().T)
    for claimed in ("1+2+3+4+5", " 1 + 2+3 +4+5 "):
        table = results(matrix_rows(matrix), variable_rows(names(5), {"x3": claimed}))
        assert (square(table, "loading")[2] > 0).all()
    free = pca.decompose(matrix).loadings
    assert (free[2] < 0).any()  # else the reference would have no effect


def test_zero_reference_loading_uses_the_largest_loading():
    matrix = np.array([[1, -0.6, 0], [-0.6, 1, 0], [0, 0, 1]])
    assert_allclose(
        pca.decompose(matrix, {0: 2}).loadings[:, 0], [np.sqrt(0.5), -np.sqrt(0.5), 0], atol=1e-12
    )


# The table --------------------------------------------------------------------------------------


def test_order_of_the_input_rows_does_not_matter(cei):
    matrices = matrix_rows(CEI_MATRIX, CEI, "cei", n=284)[::-1]
    variables = variable_rows(CEI, {"SYS": "4"}, "cei")[::-1]
    assert results(matrices, variables).equals(cei)


def test_rows_are_sorted_by_analysis_component_and_position():
    variables = ["b", "a"]
    matrix = [[1, 0.3], [0.3, 1]]
    table = results(
        matrix_rows(matrix, variables, "second") + matrix_rows(matrix, variables, "first"),
        variable_rows(variables, code="second") + variable_rows(variables, code="first"),
    )
    assert table.schema.equals(pca.RESULTS)
    assert column(table, "analysis_code") == ["first"] * 4 + ["second"] * 4
    assert column(table, "component") == [1, 1, 2, 2] * 2
    assert column(table, "variable") == ["b", "a"] * 4


def test_empty_tables_give_an_empty_table_with_the_schema():
    table = results([], [])
    assert table.num_rows == 0
    assert table.schema.equals(pca.RESULTS)


def test_only_correlation_analyses_scale_variables():
    covariance = [[4, 3], [3, 9]]
    scaled = results(matrix_rows(covariance), variable_rows(names(2)))
    assert_allclose(square(scaled, "eigenvalue")[0], [1.5, 0.5])
    raw = results(matrix_rows(covariance, kind="covariance"), variable_rows(names(2)))
    # Eigenvalues of [[4, 3], [3, 9]]: 6.5 +- sqrt(2.5^2 + 3^2)
    assert_allclose(square(raw, "eigenvalue")[0], 6.5 + np.array([1, -1]) * np.sqrt(15.25))
    assert_allclose(square(raw, "correlation_eigenvalue")[0], [1.5, 0.5])
    for name in ("kmo", "bartlett_statistic", "parallel_mean", "parallel_95"):
        assert column(raw, name) == column(scaled, name)


@pytest.mark.parametrize("seed", range(7, 12))
def test_singular_matrix_has_components_but_no_kmo(seed):
    data = correlated_rows(p=4, seed=seed)
    data[:, 3] = data[:, 0] / data[:, 0].std() - 2 * data[:, 2] / data[:, 2].std()
    table = results(matrix_rows(np.cov(data.T), n=60, dropped=3), variable_rows(names(4)))
    first = table.to_pylist()[0]
    assert first["status"] == "ok"
    assert "the matrix is singular: x4 is a linear combination of x1 and x3;" in first["message"]
    assert "x2" not in first["message"]
    assert first["n_dropped"] == 3
    for name in ("kmo", "bartlett_statistic", "bartlett_df", "bartlett_p_value", "variable_kmo"):
        assert set(column(table, name)) == {None}
    eigenvalues = square(table, "eigenvalue")[0]
    assert eigenvalues[3] == pytest.approx(0, abs=1e-12)
    assert (eigenvalues >= 0).all()
    assert eigenvalues.sum() == pytest.approx(4)


def test_uncorrelated_variables_have_no_kmo():
    table = results(matrix_rows(np.eye(3)), variable_rows(names(3)))
    first = table.to_pylist()[0]
    assert first["status"] == "ok"
    assert first["kmo"] is None
    assert set(column(table, "variable_kmo")) == {None}
    assert (first["bartlett_statistic"], first["bartlett_p_value"]) == (0, 1)
    assert "KMO is not defined" in first["message"]
    assert "components 1, 2, 3 are determined only up to a rotation" in first["message"]


def test_one_variable_is_its_own_component():
    table = results(matrix_rows([[4]], kind="covariance"), variable_rows(["x1"], {"x1": "1"}))
    (row,) = table.to_pylist()
    assert (row["loading"], row["eigenvalue"], row["parallel_mean"]) == (1, 4, 1)
    assert (row["parallel_draws"], row["parallel_seed"]) == (1_000, 1965)
    assert row["bartlett_df"] is None
    assert row["message"] == "one variable: KMO and Bartlett's test need two"


GOOD = [[1, 0.2, 0.1], [0.2, 1, 0.3], [0.1, 0.3, 1]]


def changed(i: int, j: int, value) -> list[list]:
    matrix = [list(row) for row in GOOD]
    matrix[i][j] = value
    return matrix


FAULTS = {
    "constant": (
        matrix_rows([[1, 0, 0], [0, 0, 0], [0, 0, 1]], n=44),
        variable_rows(names(3)),
        "the variable x2 is constant over the 44 rows: remove it from pca_variables",
    ),
    "few rows": (
        matrix_rows(GOOD, n=3, dropped=7),
        variable_rows(names(3)),
        "3 rows for 3 variables: a PCA needs more rows than variables "
        "(7 more were dropped for a missing value)",
    ),
    "no matrix": (
        [],
        variable_rows(names(2)),
        "no data: no row has all of x1, x2; add the missing values, or remove the variable "
        "that lacks them from pca_variables",
    ),
    "no rows": (
        matrix_rows([[None]], n=0, dropped=9),
        variable_rows(names(1)),
        "no data: none of 9 rows has all of x1; add the missing values, or remove the variable "
        "that lacks them from pca_variables",
    ),
    "asymmetric": (
        matrix_rows(changed(0, 2, 0.11)),
        variable_rows(names(3)),
        "the matrix is not symmetric: x1, x3 is 0.11, x3, x1 is 0.1",
    ),
    "lacks a pair": (
        [r for r in matrix_rows(GOOD) if (r["variable_a"], r["variable_b"]) != ("x3", "x2")],
        variable_rows(names(3)),
        "the matrix lacks a value for the pair x3, x2",
    ),
    "null value": (
        matrix_rows(changed(1, 1, None)),
        variable_rows(names(3)),
        "the matrix lacks a value for the pair x2, x2",
    ),
    "infinite value": (
        matrix_rows(changed(0, 1, float("inf"))),
        variable_rows(names(3)),
        "the matrix lacks a value for the pair x1, x2",
    ),
    "pair twice": (
        matrix_rows(GOOD) + matrix_rows(GOOD)[1:2],
        variable_rows(names(3)),
        "the matrix has the pair x1, x2 twice",
    ),
    "unlisted variable": (
        matrix_rows(GOOD),
        variable_rows(names(2)),
        "the matrix has x3, which pca_variables does not list",
    ),
    "no variables": (
        matrix_rows(GOOD),
        [],
        "a matrix without variables: list them in pca_variables",
    ),
    "variable twice": (
        matrix_rows(GOOD),
        variable_rows(["x1", "x2", "x1"]),
        "the variable x1 is listed twice in pca_variables",
    ),
    "negative variance": (
        matrix_rows(changed(0, 0, -1)),
        variable_rows(names(3)),
        "the variance of x1 is -1, below zero",
    ),
    "correlation beyond one": (
        matrix_rows([[1, 1.2], [1.2, 1]]),
        variable_rows(names(2)),
        "the correlation of x1 and x2 is 1.2, beyond one: check the pair's value",
    ),
    "impossible matrix": (
        matrix_rows([[1, 0.9, -0.9], [0.9, 1, 0.9], [-0.9, 0.9, 1]]),
        variable_rows(names(3)),
        "no data have this matrix: an eigenvalue of its correlations is -0.8; check its values, "
        "and give more decimals if they are rounded",
    ),
    "unknown kind": (
        matrix_rows(GOOD, kind="robust"),
        variable_rows(names(3)),
        "matrix 'robust' must be one of correlation, covariance",
    ),
    "two counts": (
        matrix_rows(GOOD)[:5] + matrix_rows(GOOD, n=99)[5:],
        variable_rows(names(3)),
        "n_observations differs between the rows of the matrix: 100, 99",
    ),
    "claimed twice": (
        matrix_rows(GOOD),
        variable_rows(names(3), {"x1": "1+2", "x3": "2"}),
        "the variables x1 and x3 both claim component 2: leave it to one of them in "
        "reference_components",
    ),
    **{
        f"reference {text}": (
            matrix_rows(GOOD),
            variable_rows(names(3), {"x2": text}),
            f"reference_components '{text}' of the variable x2 must be numbers from 1 to 3, "
            "joined by +",
        )
        for text in ("0", "4", "1,2", "first", "1+", "+1", "-1", "1.0", "²", "1+99999999999")
    },
}


@pytest.mark.parametrize(("matrices", "variables", "message"), FAULTS.values(), ids=FAULTS)
def test_fault_gives_one_row_with_a_message(matrices, variables, message):
    (row,) = results(matrices, variables).to_pylist()
    assert row["status"] == "not_estimated"
    assert row["message"] == message
    assert row["component"] is None
    assert row["variable"] is None
    assert row["n_variables"] == len(variables)


def test_fault_of_one_analysis_does_not_affect_others(cei):
    matrices, variables, message = FAULTS["constant"]
    table = results(
        matrices + matrix_rows(CEI_MATRIX, CEI, "cei", n=284),
        variables + variable_rows(CEI, {"SYS": "4"}, "cei"),
    )
    assert table.slice(1).equals(cei)
    assert table.slice(0, 1).to_pylist()[0]["message"] == message


def test_rounding_differences_are_no_asymmetry():
    noisy = np.array(changed(0, 2, 0.1 * (1 + 1e-13))) * 1e8
    table = results(matrix_rows(noisy), variable_rows(names(3)))
    assert set(column(table, "status")) == {"ok"}
