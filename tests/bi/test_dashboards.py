"""The dashboards in a real browser: every chart, some numbers, and a change of the build."""

import io
import re

import pytest
import yaml
from conftest import FIRST, PROJECT, SECOND, Visitor, charts_of
from PIL import Image

IMAGES = PROJECT / "docs" / "images"
ASSETS = PROJECT / "bi" / "superset"
EXPOSURES = yaml.safe_load((PROJECT / "models" / "exposures.yml").read_text(encoding="utf-8"))
SHOWN = {
    exposure["name"].replace("_", "-"): exposure["config"]["meta"]["shown"]
    for exposure in EXPOSURES["exposures"]
    if exposure["type"] == "dashboard"
}
"""Queries by dashboard; their values are texts on it."""
GUANGDONG = SHOWN["index-explorer"][0]


@pytest.mark.parametrize("slug", SHOWN)
def test_charts_show_the_values_of_the_published_file(slug, visitor, published):
    names = charts_of(slug)
    visitor.open(slug, len(names))
    text = visitor.text()
    assert not visitor.left_loopback
    assert visitor.page.locator(".ant-alert-error, [data-test='error-alert']").count() == 0
    assert visitor.page.locator(".ant-empty").count() == 0
    drawn = visitor.page.locator(".chart-slice").filter(
        has=visitor.page.locator("canvas, table tbody td, .header-line")
    )
    assert drawn.count() == len(names)
    for status, answer in visitor.answers.values():
        assert status == 200
        for result in answer["result"]:
            assert result["error"] is None
            assert result["rowcount"] > 0
            # A mark for several rows is empty: charts show rows and do not aggregate.
            first, *values = result["colnames"]
            for row in result["data"] if values else ():
                assert any(row[name] is not None for name in values)
            for name in (first, *values):
                assert any(row[name] is not None for row in result["data"])
    for name in names:
        assert name in text
    for sql in SHOWN[slug]:
        assert str(published.value(sql)) in text
    assert "synthetic" in text
    # 256 colours reduce the size to a third.
    picture = Image.open(io.BytesIO(visitor.page.screenshot())).convert("RGB").quantize(256)
    picture.save(IMAGES / f"{slug}.png", optimize=True)


def test_import_updates_an_existing_chart(visitor):
    visitor.open("index-explorer", len(charts_of("index-explorer")))
    assert "An old name" not in visitor.text()


def test_open_dashboards_show_the_next_build_after_a_refresh(visitor, published):
    charts = len(charts_of("index-explorer"))
    visitor.open("index-explorer", charts)
    before = str(published.value(GUANGDONG))
    try:
        for build in (SECOND, FIRST, SECOND):
            published.publish(build)
            visitor.refresh(charts)
            shown = str(published.value(GUANGDONG))
            assert (shown == before) == (build == FIRST)
            assert shown in visitor.text()
            assert all(status == 200 for status, _ in visitor.answers.values())
            assert visitor.page.locator(".ant-alert-error").count() == 0
    finally:
        published.publish(FIRST)


def assets(kind: str) -> dict[str, dict]:
    return {
        path.stem: yaml.safe_load(path.read_text(encoding="utf-8"))
        for path in (ASSETS / kind).glob("*.yaml")
    }


def test_every_bar_has_its_name():
    bars = [
        chart["params"]
        for chart in assets("charts").values()
        if chart["params"].get("orientation") == "horizontal"
    ]
    assert len(bars) >= 5
    assert all(params["xAxisLabelInterval"] == "0" for params in bars)


def test_no_palette_has_a_colour_of_an_origin_of_data():
    origins = {"official", "synthetic", "user"}
    dashboards = assets("dashboards").values()
    colours = {
        (name, dashboard["metadata"]["label_colors"][name])
        for dashboard in dashboards
        for name in origins
    }
    assert len(colours) == len(origins)
    config = (PROJECT / "bi" / "superset_config.py").read_text(encoding="utf-8")
    palette = set(re.findall(r"#[0-9a-f]{6}", config))
    assert len(palette) == 10
    assert not palette & {colour for _, colour in colours}
    schemes = {chart["params"].get("color_scheme") for chart in assets("charts").values()}
    assert schemes <= {None, "creditIndices"}
    marks = [
        column["expression"]
        for dataset in assets("datasets").values()
        for column in dataset["columns"]
        if column["column_name"] == "data_mark"
    ]
    assert marks
    for mark in marks:
        assert set(re.findall(r"#[0-9a-f]{6}", mark)) >= {colour for _, colour in colours}


def test_filters_reject_free_text():
    filters = [
        each
        for dashboard in assets("dashboards").values()
        for each in dashboard["metadata"]["native_filter_configuration"]
    ]
    assert len(filters) >= 13
    assert all(each["controlValues"]["creatable"] is False for each in filters)


def test_invalid_filter_text_keeps_the_page(visitor):
    charts = len(charts_of("index-explorer"))
    visitor.open("index-explorer", charts)
    visitor.choose("SCDBI from official statistics only (official data)", "no such index")
    assert visitor.page.locator(".ant-select-dropdown:visible").inner_text() in ("No data", "")
    visitor.page.keyboard.press("Enter")
    visitor.page.keyboard.press("Escape")
    visitor.page.wait_for_timeout(1500)
    assert visitor.page.get_by_role("button", name="Apply", exact=True).is_disabled()
    assert visitor.page.locator(".chart-slice .ant-empty").count() == 0
    assert "Guangdong" in visitor.text()


def test_the_profile_follows_the_index_and_names_it(visitor, published):
    charts = len(charts_of("index-explorer"))
    visitor.open("index-explorer", charts)
    name = "Social Credit Big Data Development Index"
    assert "scdbi_" not in visitor.text()
    visitor.choose("SCDBI from official statistics only (official data)", name)
    visitor.page.keyboard.press("Enter")
    visitor.answers.clear()
    visitor.page.get_by_role("button", name="Apply", exact=True).click()
    visitor.wait(charts - 1)  # all but the ranks under every index
    profile = visitor.chart("Profile: which unit, on which index").inner_text()
    assert all(word in profile for word in ("Gansu", name, "share; all units and years sum to 1"))
    nodes = published.query(
        "select distinct node_name from marts.index_node_scores"
        " where index_code = 'scdbi' and node_code <> index_code"
    )
    shown = [
        {row.get("node_name") for result in answer["result"] for row in result["data"]}
        for _, answer in visitor.answers.values()
    ]
    assert {name for (name,) in nodes} in shown


def test_details_follow_the_chosen_model(visitor, published):
    visitor.open("credit-models", len(charts_of("credit-models")))
    first = {
        model: published.value(
            "select round(100 * importance_share, 1) || '%' from marts.credit_feature_importance"
            f" where model_code = '{model}' and importance_rank = 1"
        )
        for model in ("gradient_boosting", "random_forest")
    }
    features = visitor.chart("Which features matter?")
    assert first["gradient_boosting"] in features.inner_text()
    visitor.choose("Gradient boosting", "Random forest")
    visitor.page.keyboard.press("Enter")
    visitor.answers.clear()
    visitor.page.get_by_role("button", name="Apply", exact=True).click()
    visitor.wait(4)  # features, groups, vintages and claims
    assert len(visitor.answers) == 4
    assert first["random_forest"] in features.inner_text()
    assert first["gradient_boosting"] not in features.inner_text()


@pytest.mark.parametrize("slug", SHOWN)
def test_phones_show_charts_below_each_other(slug, browser, server):
    visitor = Visitor(browser, server, "viewer", width=390)
    try:
        visitor.open(slug, len(charts_of(slug)))
        assert visitor.page.evaluate("document.documentElement.scrollWidth") <= 390
        for frame in visitor.page.locator(".dragdroppable-column").all():
            box = frame.bounding_box()
            assert box["x"] >= 0
            assert box["x"] + box["width"] <= 390
            assert box["width"] >= 160
    finally:
        visitor.context.close()
