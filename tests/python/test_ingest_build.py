"""From a spreadsheet to the scores of an index: ingest, then build."""

import csv
from decimal import Decimal
from pathlib import Path

import numpy as np
import openpyxl

from credit_indices.ingest import ingest

NBS = Path(__file__).parents[2] / "seeds" / "raw" / "nbs.csv"
COLUMNS = {
    "发明专利授权数(件)": ("invention_patents_granted", 1),
    "专利授权数（万件）": ("patents_granted", 10_000),
    "Invention patent applications": ("invention_patent_applications", 1),
    "技术市场成交额(万元)": ("tech_market_turnover_100m_yuan", Decimal("0.0001")),
    "science_technology_expenditure": ("science_technology_expenditure_100m_yuan", 1),
}
NAMES = {"11": "北京", "22": "吉林省", "61": "Shaanxi", "65": "新疆"}


def test_workbook_of_official_values_gives_the_shipped_scores(tmp_path, build, shipped):
    book = openpyxl.Workbook()
    book.active.append(["各省数字技术指标"])
    book.active.append(["地区", "年份", *COLUMNS, "备注"])
    with open(NBS, encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            code, year = row["province_code"], row["year"]
            values = [
                float(Decimal(row[column]) / factor) if row[column] else "--"
                for column, factor in COLUMNS.values()
            ]
            book.active.append([NAMES.get(code, code), f"{year}年", *values, "见注"])
    book.save(tmp_path / "panel.xlsx")

    result = ingest(tmp_path / "panel.xlsx", tmp_path / "data")
    assert (len(result.accepted), result.total("missing"), result.rejected) == (1544, 6, [])
    built = build(tmp_path / "data")
    assert built.succeeded, built.message
    sql = (
        "select unit_id, period, score, rank, imputed_cells from marts.index_scores "
        "where index_code = 'scdbi_official' and scheme = 'headline' order by unit_id, period"
    )
    ours, theirs = built.query(sql), shipped.query(sql)
    assert len(ours) == 310
    assert [(u, p, r, i) for u, p, _, r, i in ours] == [(u, p, r, i) for u, p, _, r, i in theirs]
    np.testing.assert_allclose([row[2] for row in ours], [row[2] for row in theirs], rtol=1e-11)
    sources = "select distinct citation from marts.data_sources where used_by like '%official%'"
    assert built.query(sources) == [("panel.xlsx!Sheet",)]
