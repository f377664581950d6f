"""Single cells: numbers, years, names and units of measurement."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credit_indices.ingest.catalog import Catalog, Indicator, read_catalog
from credit_indices.ingest.cell_text import (
    Unreadable,
    decimal_text,
    is_missing,
    name_and_measure,
    name_key,
    number,
    year,
)
from credit_indices.ingest.measurement_units import factor


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("14.7376", "14.7376"),
        (" 57,295\t", "57295"),
        ("1,234,567.89", "1234567.89"),
        ("１２３．５", "123.5"),
        ("１，２３４", "1234"),
        ("-0.50", "-0.5"),
        ("−3", "-3"),
        ("+7", "7"),
        (".5", "0.5"),
        ("5.", "5"),
        ("5737.70", "5737.7"),
        ("1e-7", "0.0000001"),
        ("1.5E+3", "1500"),
        ("-0.0", "0"),
        ("100", "100"),
        ("123456789012345678901234567890", "1.2345678901234567890123456789e+29"),
        ("0.1000000000000000055511151231257827", "0.1000000000000000055511151231257827"),
    ],
)
def test_numbers_are_read_exactly(text, expected):
    value, is_percentage = number(text)
    assert (decimal_text(value), is_percentage) == (expected, False)


@pytest.mark.parametrize("text", ["76.1%", "７６．１％", "76.1 %"])
def test_a_percentage_is_flagged(text):
    assert number(text) == (Decimal("76.1"), True)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("1,23", "decimal comma"),
        ("1,2345", "decimal comma"),
        ("12,34,567", "decimal comma"),
        ("12.5①", "other characters"),
        ("123²", "other characters"),
        ("12.5*", "other characters"),
        ("12.3万", "other characters"),
        ("1 23", "other characters"),
        ("1_000", "other characters"),
        ("0x1F", "other characters"),
        ("(3.5)", "brackets"),
        ("（3.5）", "brackets"),
        ("#REF!", "error that Excel"),
        ("=1+1", "formula"),
        ("=cmd|' /C calc'!A0", "formula"),
        ("inf", "not a number"),
        ("١٢٣", "not a number"),
        ("%", "not a number"),
        ("e5", "not a number"),
        (".", "not a number"),
        ("1e400", "too large"),
        ("9" * 101, "101 characters"),
    ],
)
def test_texts_that_are_not_numbers_are_refused_with_a_reason(text, reason):
    with pytest.raises(Unreadable, match=reason):
        number(text)


@pytest.mark.parametrize(
    "text",
    ["", "  ", "--", "—", "——", "…", "……", "n/a", "N/A", "NA", "#N/A", "－", "nan", "\u3000"],
)
def test_marks_of_missing_values(text):
    assert is_missing(text)


@pytest.mark.parametrize("text", ["0", "-1", "#REF!", "#DIV/0!", "x"])
def test_other_texts_are_not_missing(text):
    assert not is_missing(text)


@given(
    st.decimals(
        allow_nan=False, allow_infinity=False, places=6, min_value=-(10**15), max_value=10**15
    )
)
def test_a_number_comes_back_from_its_text(value):
    assert number(decimal_text(value))[0] == value


@given(
    st.floats(allow_nan=False, allow_infinity=False).filter(
        lambda x: not x or 1e-300 <= abs(x) <= 1e300
    )
)
def test_a_double_comes_back_from_a_workbook(value):
    assert float(decimal_text(number(repr(value))[0])) == value


@pytest.mark.parametrize(
    "text",
    [
        "2011", "2011年", "2011.0", "２０１１年", " 2011 年\t", "2011年度", "2011-12-31",
        "2011/1/1", "20111231", "2011年12月31日", "2011-12-31 00:00:00",
    ],
)  # fmt: skip
def test_years(text):
    assert year(text) == 2011


@pytest.mark.parametrize("text", ["2011-06-30", "2011年3月1日", "20110301"])
def test_a_day_within_a_year_is_not_the_year(text):
    with pytest.raises(Unreadable, match="first or last day"):
        year(text)


@pytest.mark.parametrize(
    "text", ["", "11", "2011.5", "40908", "2011-2020", "2011年3月", "年", "2o11"]
)
def test_texts_that_are_not_years(text):
    with pytest.raises(Unreadable, match="is not a year"):
        year(text)


@pytest.mark.parametrize(
    ("stated", "wanted", "expected"),
    [
        ("万公里", "10,000 km", "1"),
        ("公里", "10,000 km", "0.0001"),
        ("米", "10,000 km", "1e-7"),
        ("千米", "10,000 km", "0.0001"),
        ("亿元", "100 million yuan", "1"),
        ("万元", "100 million yuan", "0.0001"),
        ("元", "100 million yuan", "1e-8"),
        ("百万元", "million yuan", "1"),
        ("万亿元", "100 million yuan", "10000"),
        ("million yuan", "100 million yuan", "0.01"),
        ("亿 元", "yuan", "1e8"),
        ("个", "10,000 stations", "0.0001"),
        ("万个", "10,000 ports", "1"),
        ("万户", "10,000 households", "1"),
        ("件", "count", "1"),
        ("万件", "count", "10000"),
        ("%", "percent", "1"),
        ("部/百人", "per 100 persons", "1"),
        ("人/平方公里", "persons per km2", "1"),
        ("days", "days", "1"),
        ("1 = yes, 0 = no", "1 = yes, 0 = no", "1"),
    ],
)
def test_factors_between_units_of_measurement(stated, wanted, expected):
    assert factor(stated, wanted) == Decimal(expected)


@pytest.mark.parametrize(
    ("stated", "wanted"),
    [
        ("亿元", "percent"),
        ("万户", "10,000 persons"),
        ("公里", "persons per km2"),
        ("‰", "percent"),
        ("亿美元", "100 million yuan"),
        ("亩", "km2"),
        ("当年价", "100 million yuan"),
        ("件", "1 = yes, 0 = no"),
    ],
)
def test_incomparable_units_have_no_factor(stated, wanted):
    assert factor(stated, wanted) is None


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("光缆线路长度(万公里)", ("光缆线路长度", "万公里")),
        ("光缆线路长度（万公里）", ("光缆线路长度", "万公里")),
        ("R&D [million yuan]", ("R&D", "million yuan")),
        ("地区生产总值(初次公布)(亿元)", ("地区生产总值(初次公布)", "亿元")),
        ("专利", ("专利", "")),
    ],
)
def test_a_header_is_a_name_and_a_unit(header, expected):
    assert name_and_measure(header) == expected


def test_names_are_compared_without_width_case_and_spaces():
    assert name_key("北 京 市") == name_key("北京市　") == "北京市"
    assert name_key("Inner  Mongolia ") == name_key("INNER MONGOLIA") == "inner mongolia"
    assert name_key("人/km²") != name_key("人/km2")


@pytest.fixture(scope="module")
def catalog(tmp_path_factory) -> Catalog:
    return read_catalog(tmp_path_factory.mktemp("empty"))


def test_shanxi_and_shaanxi_are_not_confused(catalog):
    labels = ["山西", "山西省", "Shanxi", "陕西", "陕西省", "shaanxi", "Shanxii", "Shaan xi"]
    units, reasons = catalog.find_units(labels)
    assert [units.get(label) for label in labels] == [
        "14",
        "14",
        "14",
        "61",
        "61",
        "61",
        None,
        None,
    ]
    assert "Shanxi" in reasons["Shanxii"]
    assert "Shaanxi" in reasons["Shaan xi"]


def test_units_by_code_and_by_short_and_full_names(catalog):
    labels = [
        "11",
        "内蒙古",
        "内蒙古自治区",
        "广西",
        "宁夏",
        "新疆",
        "西藏",
        "Inner Mongolia",
        "65.0",
    ]
    units, reasons = catalog.find_units(labels)
    assert reasons == {}
    assert list(units.values()) == ["11", "15", "15", "45", "64", "65", "54", "15", "65"]


def test_an_ambiguous_name_has_the_level_of_the_other_labels(catalog):
    provinces, _ = catalog.find_units(["北京", "北京市", "吉林", "Jilin", "河北省"])
    assert list(provinces.values()) == ["11", "11", "22", "22", "13"]
    cities, _ = catalog.find_units(["北京", "吉林", "石家庄"])
    assert list(cities.values()) == ["1100", "2202", "1301"]


def test_an_ambiguous_name_alone_or_among_both_levels_is_refused(catalog):
    for labels in (["北京"], ["北京", "河北", "石家庄"]):
        units, reasons = catalog.find_units(labels)
        assert "北京" not in units
        assert "11, 1100" in reasons["北京"]


@pytest.mark.parametrize(
    ("label", "unit"),
    [
        ("130000", "13"),
        ("130100", "1301"),
        ("130000.0", "13"),
        ("130102", None),
        ("Hebei Province", "13"),
        ("Jilin Province", "22"),
        ("Jilin City", "2202"),
        ("Beijing Municipality", None),
        ("Guangxi Zhuang Autonomous Region", "45"),
        ("Nei Mongol", "15"),
        ("Nei Mongol Autonomous Region", "15"),
        ("Xizang", "54"),
        ("Hebei City", None),
        ("Hebei University", None),
    ],
)
def test_official_codes_and_english_names_with_their_kind(catalog, label, unit):
    assert catalog.find_units([label])[0].get(label) == unit


def test_a_municipality_has_the_level_of_the_other_labels(catalog):
    assert catalog.find_units(["Beijing Municipality", "Hebei Province"])[0] == {
        "Beijing Municipality": "11",
        "Hebei Province": "13",
    }


def test_an_indicator_is_found_by_its_exact_names_only(catalog):
    for name in ("optical_cable_length", "光缆线路长度", "length of optical cable lines"):
        assert catalog.indicator(name).code == "optical_cable_length"
    assert catalog.indicator("光缆线路") is None
    assert catalog.similar_indicators("光缆线路")[0].startswith("optical_cable_length (")


def test_a_name_of_two_indicators_matches_neither():
    one, two = Indicator("a", "Same", "甲", ""), Indicator("b", "same", "乙", "")
    catalog = Catalog({"a": one, "b": two}, {}, {})
    assert catalog.indicator("SAME") is None
    assert catalog.indicator("乙") is two
