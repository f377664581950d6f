"""The SCDBI of the shipped data, against numpy, pymcdm and facts in the paper."""

import csv
import math

import numpy as np
import pytest
from conftest import PROJECT
from pymcdm.weights import entropy_weights


def indicator_matrix(shipped, index_code: str) -> tuple[list, list, np.ndarray, np.ndarray]:
    """Rows (unit, period), indicator codes, directions and values, including imputed ones."""
    cells = shipped.query(
        "select units.unit_id, cells.period, "
        "members.indicator_code, members.direction, cells.value "
        "from intermediate.int_index__cells as cells "
        "join intermediate.int_index__members as members using (member_key) "
        "join intermediate.int_catalog__units as units using (unit_key) "
        f"where members.index_code = '{index_code}'"
    )
    keys = sorted({(unit, period) for unit, period, *_ in cells})
    codes = sorted({code for _, _, code, *_ in cells})
    matrix = np.full((len(keys), len(codes)), np.nan)
    directions = np.zeros(len(codes))
    for unit, period, code, direction, value in cells:
        matrix[keys.index((unit, period)), codes.index(code)] = value
        directions[codes.index(code)] = direction
    assert not np.isnan(matrix).any()
    return keys, codes, directions, matrix


def test_there_are_310_scores_whose_mean_is_one_over_310(shipped):
    assert shipped.query(
        "select count(*), count(distinct unit_id), min(period), max(period) from marts.scdbi"
    ) == [(310, 31, 2011, 2020)]
    assert shipped.value("select avg(score) from marts.scdbi") == pytest.approx(1 / 310, abs=1e-10)


@pytest.mark.parametrize("index_code", ["scdbi", "scdbi_five", "scdbi_ex_npl", "scdbi_official"])
def test_scores_and_weights_are_those_of_numpy_and_pymcdm(shipped, index_code):
    keys, codes, directions, matrix = indicator_matrix(shipped, index_code)
    low, high = matrix.min(axis=0), matrix.max(axis=0)
    z = np.where(directions == 1, matrix - low, high - matrix) / (high - low)
    shares = z / z.sum(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        logs = np.where(shares > 0, np.log(shares), 0)
    divergence = 1 + (shares * logs).sum(axis=0) / math.log(len(keys))
    weights = divergence / divergence.sum()
    # pymcdm takes logarithms of the shares, so a zero there becomes the smallest positive number.
    reference = entropy_weights(np.maximum(z, np.finfo(float).tiny))
    np.testing.assert_allclose(weights, reference, rtol=1e-9)

    found = dict(
        shipped.query(
            "select indicator_code, global_weight from marts.index_weights "
            f"where index_code = '{index_code}' and scheme = 'headline' "
            "and indicator_code is not null"
        )
    )
    np.testing.assert_allclose([found[code] for code in codes], weights, rtol=1e-11)
    found = {
        (unit, period): score
        for unit, period, score in shipped.query(
            "select unit_id, period, score from marts.index_scores "
            f"where index_code = '{index_code}' and scheme = 'headline'"
        )
    }
    np.testing.assert_allclose([found[key] for key in keys], shares @ weights, rtol=1e-10)


def test_dimensions_add_up_to_the_score(shipped):
    largest_gap = shipped.value(
        "select max(abs(score - data_infrastructure - digital_technology - credit_efficiency "
        "- user_application - policy_coordination)) from marts.scdbi"
    )
    assert largest_gap < 1e-13


def test_catalog_has_23_indicators_five_official(shipped):
    assert shipped.query(
        "select indicators.data_origin, count(*) "
        "from intermediate.int_index__members as members "
        "join intermediate.int_catalog__indicators as indicators using (indicator_code) "
        "where members.index_code = 'scdbi' group by 1 order by 1"
    ) == [("official", 5), ("synthetic", 18)]
    assert shipped.query(
        "select index_code, min(data_origin), max(data_origin) from marts.index_scores "
        "group by 1 order by 1"
    ) == [
        ("cei", "synthetic", "synthetic"),
        ("cei_eq1", "synthetic", "synthetic"),
        ("cei_full", "synthetic", "synthetic"),
        ("scdbi", "synthetic", "synthetic"),
        ("scdbi_ex_npl", "synthetic", "synthetic"),
        ("scdbi_five", "synthetic", "synthetic"),
        ("scdbi_official", "official", "official"),
    ]


def test_only_the_turnover_that_tibet_lacks_is_imputed(shipped):
    """None is published for Tibet before 2017; the policy of the indicator is zero."""
    assert shipped.query(
        "select unit_id, min(period), max(period), count(*), sum(imputed_cells) "
        "from marts.scdbi where imputed_cells > 0 group by 1"
    ) == [("54", 2011, 2016, 6, 6)]


def test_every_agency_value_is_an_accepted_observation(shipped):
    filled = 0
    for file in sorted((PROJECT / "seeds" / "raw").glob("*.csv")):
        if file.stem == "nbs_land_area":
            continue
        with open(file, encoding="utf-8", newline="") as stream:
            for row in csv.DictReader(stream):
                filled += sum(
                    1
                    for name, text in row.items()
                    if text and name not in ("province_code", "year", "city_code", "edition")
                )
    assert shipped.value("select count(*) from intermediate.int_observations__accepted") == filled
    assert shipped.value("select count(*) from quality.quarantined_observations") == 0
