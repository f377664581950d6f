"""The dashboards in a real browser: every chart, three and more numbers, a swap of the build."""

import io

import pytest
from conftest import FIRST, PROJECT, SECOND, charts_of
from PIL import Image

IMAGES = PROJECT / "docs" / "images"
GUANGDONG = (
    "select rank || ' · ' || round(score, 4) from marts.index_scores where unit_name = 'Guangdong'"
    " and index_code = 'scdbi_official' and scheme = 'headline' and period = 2020"
)
# What one finds on the dashboard, by SQL on the published file.
NUMBERS = {
    "index-explorer": [
        GUANGDONG,
        "select rank || ' · ' || round(score, 4) from marts.index_scores where unit_name = 'Tibet'"
        " and index_code = 'scdbi_official' and scheme = 'headline' and period = 2020",
    ],
    "credit-risk": [
        "select format('{:+.2f}', estimate) from marts.panel_estimates"
        " where spec_code = 'baseline' and term = 'scdbi_ex_npl'",
        "select format('{:+.2f}', ci_low_cr3) from marts.panel_estimates"
        " where spec_code = 'central_west' and term = 'scdbi_ex_npl'",
        "select format('{:+.3f}', simulated_change) from marts.policy_grid"
        " where spec_code = 'baseline' and unit_name = 'Guangdong' and change_percent = 10",
    ],
    "cities": [
        "select unit_name from marts.cei where rank = 1",
        "select format('{:.1f}', score) from marts.cei where rank = 1",
        "select format('{:.3f}', statistic) from marts.agreement_tests where test = 'spearman'",
    ],
    "early-warning": [
        "select strftime(min(due_at), '%Y-%m-%d %H:%M') from marts.enterprise_warnings"
        " where closed_at is null and responded_at is null",
        "select enterprise_key from marts.enterprise_status"
        " order by level_rank desc, score desc limit 1",
    ],
    "data-quality": [
        "select count(*) from quality.data_quality_results where not success",
        "select count(*) from quality.input_warnings",
        "select build_id from marts.build_info",
    ],
}


@pytest.mark.parametrize("slug", NUMBERS)
def test_every_chart_shows_figures_and_they_are_those_of_the_file(slug, visitor, published):
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
            # A mark that stands for several rows is left empty: the charts read, they do not sum.
            first, *figures = result["colnames"]
            for row in result["data"] if figures else ():
                assert any(row[name] is not None for name in figures)
            for name in (first, *figures):
                assert any(row[name] is not None for row in result["data"])
    for name in names:
        assert name in text
    for sql in NUMBERS[slug]:
        assert str(published.value(sql)) in text
    assert "synthetic" in text
    # 256 colours make a third of the size.
    picture = Image.open(io.BytesIO(visitor.page.screenshot())).convert("RGB").quantize(256)
    picture.save(IMAGES / f"{slug}.png", optimize=True)


def test_a_chart_of_an_earlier_import_was_brought_up_to_date(visitor):
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
