"""From files to observations: layouts, the mapping, corrections, and the role of every cell."""

import csv
import re

import openpyxl
import pytest
from ingest_folder import table

from credit_indices.exports.safe_csv import escape_formula, unescape_formula
from credit_indices.ingest import IngestError, ingest

WIDE = """\
地区,年份,光缆线路长度(公里),专利授权数(件),商业银行不良贷款率
北京,2011年,"147,376.0",40888,0.55%
山西,2011年,--,…,1.2%
陕西省,2012,"1,23",7,1.5%
"""


def test_a_row_per_unit_and_year(folder):
    folder.put(WIDE, encoding="gb18030")
    folder.run()
    assert folder.values_by_key() == {
        ("11", "2011", "optical_cable_length"): "14.7376",
        ("11", "2011", "patents_granted"): "40888",
        ("11", "2011", "npl_ratio"): "0.55",
        ("14", "2011", "npl_ratio"): "1.2",
        ("61", "2012", "patents_granted"): "7",
        ("61", "2012", "npl_ratio"): "1.5",
    }
    (cells,) = table(folder.data / "ingest" / "cells.csv")
    assert cells == {
        "file": "a.csv", "sheet": "", "layout": "wide", "cells_with_content": "20", "read": "9",
        "accepted": "6", "missing": "2", "missing_empty": "0", "rejected": "1",
        "structure": "11", "ignored": "0", "waiting": "0",
    }  # fmt: skip
    (rejected,) = table(folder.data / "ingest" / "rejected.csv")
    reason = rejected.pop("reason")
    assert reason.startswith("has a comma that does not separate thousands")
    assert rejected == {
        "file": "a.csv", "sheet": "", "row": "4", "column": "C", "unit": "陕西省", "period": "2012",
        "indicator": "optical_cable_length", "value": "1,23", "corrected_value": "",
        "figure_of": "陕西省 | 2012 | optical_cable_length | 0.0001",
    }  # fmt: skip


def test_a_row_per_value(folder):
    folder.put(
        "unit\tyear\tindicator\tvalue\tremark\n"
        "Shanxi\t2011\tpatents_granted\t5\tnew\n"
        "Shaanxi\t2011\t专利授权数(万件)\t0.0007\t\n"
        "Shaanxi\t2011\tpatents\t9\t\n",
        "a.tsv",
        "utf-16",
    )
    result = folder.run()
    assert folder.values_by_key() == {
        ("14", "2011", "patents_granted"): "5",
        ("61", "2011", "patents_granted"): "7",
    }
    assert [line for line in result.pending if "'patents': no indicator" in line]
    assert result.total("waiting") == 1
    assert result.total("ignored") == 1  # the remark


@pytest.mark.parametrize("head", ["指标,单位,地区,时间,数值", "指标,单位,地区,2012年"])
def test_a_column_of_units_applies_row_by_row(folder, head):
    values = "2012年,{}" if "时间" in head else "{}"
    rows = [
        ("万元", "河北省", "30000"),
        ("亿元", "河南省", "4"),
        ("", "湖北", "5"),
        ("斗", "湖南", "6"),
    ]
    lines = [f"技术市场成交额,{m},{u},{values.format(v)}" for m, u, v in rows]
    folder.put("\n".join([head, *lines]) + "\n")
    result = folder.run()
    found = {unit: value for (unit, _, _), value in folder.values_by_key().items()}
    assert found == {"13": "3", "41": "4"}
    assert "'技术市场成交额': tech_market_turnover is measured in" in result.pending[0]
    assert "'技术市场成交额 (斗)': tech_market_turnover is measured in" in result.pending[1]
    assert result.total("waiting") == 2
    assert not folder.run().is_changed


def test_years_across_as_exported_by_the_bureau(folder):
    folder.put(
        "数据库：分省年度数据 \n时间：2011年-2012年 \n地区\t,2012年\t,2011年\t,\n"
        "北京市\t,12.50\t,\t,\n新疆维吾尔自治区\t,1\t,2\t,\n全国\t,99\t,98\t,\n"
        "注：1. 说明。\n数据来源：国家统计局\n",
        "技术市场成交额.csv",
        "utf-8-sig",
    )
    result = folder.run()
    assert folder.values_by_key() == {
        ("11", "2012", "tech_market_turnover"): "12.5",
        ("65", "2012", "tech_market_turnover"): "1",
        ("65", "2011", "tech_market_turnover"): "2",
    }
    assert [cell.text.strip() for _, cell in result.rejected] == ["99", "98"]
    assert "'全国" in result.rejected[0][1].reason
    assert result.total("missing") == 1
    assert "in the unit of tech_market_turnover" in result.notes[0]

    folder.edit("units: {}", "units:\n  全国: ignore")
    result = folder.run()
    assert (result.rejected, result.total("ignored")) == ([], 2)


def test_titles_name_the_indicator_and_its_unit(folder):
    folder.put(
        "指标：技术市场成交额\n单位：万元\n地区,2011年,2012年\n北京,10000,1\n上海,2,3\n天津,4,5\n河北,6,7\n"
    )
    folder.run()
    assert folder.values_by_key()["11", "2011", "tech_market_turnover"] == "1"
    assert folder.values_by_key()["11", "2012", "tech_market_turnover"] == "0.0001"


def test_years_across_with_a_column_of_indicators(folder):
    folder.put("地区,指标,2011,2012\n河北,专利授权数,1,2\n河北,发明专利授权数,3,\n")
    folder.run()
    assert folder.values_by_key() == {
        ("13", "2011", "patents_granted"): "1",
        ("13", "2012", "patents_granted"): "2",
        ("13", "2011", "invention_patents_granted"): "3",
    }


def test_a_workbook_with_a_sheet_per_year_and_notes(folder):
    folder.book(
        {
            "2011年": [["", "专利授权数"], ["河北", 1], ["河南", 2]],
            "2012年": [["", "专利授权数"], ["河北", 3], ["河南", "3*"]],
            "说明": [["来源：国家统计局"]],
        }
    )
    result = folder.run()
    assert folder.values_by_key() == {
        ("13", "2011", "patents_granted"): "1",
        ("41", "2011", "patents_granted"): "2",
        ("13", "2012", "patents_granted"): "3",
    }
    assert "sheet 说明 holds no value and is ignored" in "\n".join(result.notes)
    (rejected,) = table(folder.data / "ingest" / "rejected.csv")
    assert (rejected["sheet"], rejected["row"], rejected["column"]) == ("2012年", "3", "B")
    sources = {row["source"] for row in table(folder.data / "observations.csv")}
    assert sources == {"a.xlsx!2011年", "a.xlsx!2012年"}


def test_headers_over_two_lines(folder):
    folder.book({"s": [["省\n份", "年份", "光缆线路长度\n（公里）"], ["河 北", 2011, 147376]]})
    folder.run()
    assert folder.values_by_key() == {("13", "2011", "optical_cable_length"): "14.7376"}
    assert "name: 光缆线路长度 （公里）" in folder.mapping()
    assert not folder.run().is_changed


def test_units_merged_over_their_years(folder):
    book = openpyxl.Workbook()
    for row in (["地区", "年份", "专利授权数"], ["河北", 2011, 1], [None, 2012, 2]):
        book.active.append(row)
    book.active.merge_cells("A2:A3")
    book.save(folder.source / "a.xlsx")
    folder.run()
    assert folder.values_by_key()["13", "2012", "patents_granted"] == "2"


def test_a_row_longer_than_the_header_is_rejected(folder):
    folder.put("地区,年份,专利授权数,发明专利授权数\n河北,2011,57,295,3\n河南,2011,1,2\n")
    result = folder.run()
    assert [cell.text for _, cell in result.rejected] == ["57", "295", "3"]
    assert all("double quotes" in cell.reason for _, cell in result.rejected)
    assert len(folder.values_by_key()) == 2


def test_rows_with_unknown_unit_or_year_are_rejected(folder):
    folder.put("地区,年份,专利授权数\n火星,2011,1\n,2011,2\n河北,11年,3\n河北,,4\n河南,2011,5\n")
    result = folder.run()
    reasons = [cell.reason for _, cell in result.rejected]
    assert "'火星' is not a unit of the project's catalog." in reasons[0]
    assert reasons[1] == "the unit is missing."
    assert "'11年' is not a year" in reasons[2]
    assert reasons[3] == "the year is missing."
    assert list(folder.values_by_key().values()) == ["5"]


def test_a_second_value_is_rejected_and_names_the_first(folder):
    folder.put("地区,年份,专利授权数\n河北,2011,1\n河北,2011,1\n")
    result = folder.run()
    assert list(folder.values_by_key().values()) == ["1"]
    assert ["the first is in a.csv, C2 (1)" in c.reason for _, c in result.rejected] == [True]


def test_of_different_values_none_is_taken(folder):
    folder.put("地区,年份,专利授权数\n河北,2011,5\n河南,2011,1\n")
    folder.put("地区,年份,专利授权数\n河北,2011,7\n", "b新.csv")
    folder.put("地区,年份,专利授权数\n河北,2011,5.0\n", "c.csv")
    result = folder.run()
    assert folder.values_by_key() == {("41", "2011", "patents_granted"): "1"}
    assert [(s.file, c.text) for s, c in result.rejected] == [
        ("a.csv", "5"),
        ("b新.csv", "7"),
        ("c.csv", "5.0"),
    ]
    assert "the others: b新.csv, C2 '7'; c.csv" in result.rejected[0][1].reason
    assert "the others: a.csv, C2 '5'; c.csv, C2 '5.0'." in result.rejected[1][1].reason
    (a, b, c) = table(folder.data / "ingest" / "cells.csv")
    assert (a["accepted"], a["rejected"], b["rejected"], c["rejected"]) == ("1", "1", "1", "1")
    assert not folder.run().is_changed
    path = folder.data / "ingest" / "rejected.csv"
    rows = table(path)
    rows[1]["corrected_value"] = "ignore"
    with open(path, "w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.DictWriter(stream, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    folder.run()
    assert folder.values_by_key()["13", "2011", "patents_granted"] == "5"


def test_an_unexpected_percentage_is_rejected(folder):
    folder.put("地区,年份,专利授权数\n河北,2011,5%\n河南,2011,6\n")
    result = folder.run()
    assert "is a percentage, but patents_granted is in count" in result.rejected[0][1].reason
    folder.edit("factor: 1\n", "factor: 0.01\n")
    folder.run()
    assert folder.values_by_key()["13", "2011", "patents_granted"] == "0.05"


def test_values_are_pending_until_decided(folder):
    folder.put("地区,年份,专利授权总数,光缆线路长度(亩),备注\n河北,2011,5,2,存疑\n")
    result = folder.run()
    assert len(result.pending) == 2
    assert "Similar: patents_granted (专利授权数" in result.pending[0]
    assert "is measured in 10,000 km; set the factor" in result.pending[1]
    assert not (folder.data / "observations.csv").exists()
    assert (result.total("waiting"), result.total("ignored")) == (2, 1)

    folder.edit(
        "indicator:\n        factor:\n        suggestions",
        "indicator: patents_granted\n        factor: 10\n        suggestions",
    )
    folder.edit("factor:\n      - column: E", "factor: 0.5\n      - column: E")
    result = folder.run()
    assert result.pending == []
    assert folder.values_by_key() == {
        ("13", "2011", "patents_granted"): "50",
        ("13", "2011", "optical_cable_length"): "1",
    }


def test_running_again_changes_nothing(folder):
    folder.put(WIDE)
    folder.book({"s": [["地区", "年份", "专利授权数"], ["河北", 2011, 5]]})
    assert folder.run().is_changed
    before = folder.bytes()
    times = [path.stat().st_mtime_ns for path in sorted(folder.data.rglob("*"))]
    assert not folder.run().is_changed
    assert folder.bytes() == before
    assert [path.stat().st_mtime_ns for path in sorted(folder.data.rglob("*"))] == times


def test_ignored_cells_are_counted_each_time(folder):
    folder.put(WIDE)
    folder.put("说明\n来源：国家统计局\n", "readme.csv")
    assert folder.run().total("ignored") == 2
    assert folder.run().total("ignored") == 2
    assert not folder.run().is_changed
    (folder.source / "readme.csv").write_bytes(b"\xff\xff\xff\xff")
    assert folder.run().total("ignored") == 0


def test_corrections_are_applied_and_kept(folder):
    folder.put(WIDE + "西,2012,1,2,3\n山西,20l2,4,5,6\n")
    assert len(folder.run().rejected) == 7
    path = folder.data / "ingest" / "rejected.csv"
    rows = table(path)
    assert rows[0]["value"] == "1,23"
    rows[0] |= {"value": "123", "corrected_value": "123"}  # a spreadsheet may have changed it
    rows[1] |= {"corrected_value": "1", "unit": "西藏"}
    rows[4] |= {"corrected_value": "40000", "period": "2012"}
    rows[5]["corrected_value"] = "ignore"
    rows[6]["corrected_value"] = "--"
    with open(path, "w", encoding="gb18030", newline="") as stream:  # as Excel may save it
        writer = csv.DictWriter(stream, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    result = folder.run()
    assert len(result.rejected) == 2
    found = folder.values_by_key()
    assert found["61", "2012", "optical_cable_length"] == "0.0123"
    assert found["54", "2012", "optical_cable_length"] == "0.0001"
    assert found["14", "2012", "optical_cable_length"] == "4"
    assert (result.total("ignored"), result.total("missing")) == (1, 3)
    before = folder.bytes()
    assert not folder.run().is_changed
    assert folder.bytes() == before

    folder.put(WIDE.replace("1,23", "-123"))
    result = folder.run()
    assert "is '-123', not '1,23' as when it was corrected" in "\n".join(result.notes)
    assert folder.values_by_key()["61", "2012", "optical_cable_length"] == "-0.0123"


def test_formulas_are_text_and_harmless_in_the_lists(folder):
    attack = "=cmd|' /C calc'!A0"
    folder.put(
        f'地区,年份,专利授权数\n河北,2011,"{attack}"\n"{attack}",2011,5\n河南,2011,-3\n', "=a.csv"
    )
    folder.run()
    rows = table(folder.data / "ingest" / "rejected.csv")
    assert [row["value"] for row in rows] == [f"'{attack}", "5"]
    assert rows[1]["unit"] == f"'{attack}"
    assert rows[0]["file"] == "'=a.csv"
    (accepted,) = table(folder.data / "observations.csv")
    assert (accepted["value"], accepted["source"]) == ("-3", "'=a.csv")
    folder.correct(corrected_value="8", unit="河北")
    result = folder.run()
    assert folder.values_by_key()["13", "2011", "patents_granted"] == "8"
    assert len(result.rejected) == 1  # both were corrected to one cell


@pytest.mark.parametrize(
    "text", ["=1", "+1+1", "-x", "@a", "'", "'=1", "''x", "\ta", "a", "", "-1.5", "-1e-9"]
)
def test_harmless_texts_come_back(text):
    assert unescape_formula(escape_formula(text)) == text


def test_codes_of_the_catalog_are_written_unchanged(folder):
    folder.data.mkdir()
    (folder.data / "units.csv").write_text("unit_id,name_en,name_zh,region\n=x,X,,x\n")
    folder.put("unit,year,patents_granted\nX,2011,-2e-7\n")
    folder.run()
    assert folder.values_by_key() == {("=x", "2011", "patents_granted"): "-0.0000002"}


def test_sql_in_codes_and_names_is_text(folder):
    folder.put(
        '地区,年份,专利授权数,"x\'); drop table y; --"\n河北,2011,5,1\n"13\'); drop",2011,1,2\n'
    )
    result = folder.run()
    assert folder.values_by_key() == {("13", "2011", "patents_granted"): "5"}
    assert "'); drop" in result.rejected[0][1].reason
    folder.edit("indicator:\n", 'indicator: "x\'); drop table y"\n')
    with pytest.raises(IngestError, match="is not in the project's catalog"):
        folder.run()


def test_only_the_years_wanted_are_read(folder):
    folder.put("地区,2010年,2011年,2012年\n河北,1,2,3\n", "专利授权数.csv")
    folder.run(years="2011-2012")
    assert sorted(folder.values_by_key().values()) == ["2", "3"]
    assert not folder.run().is_changed
    with pytest.raises(IngestError, match="Change them there"):
        folder.run(years="2010-2012")
    with pytest.raises(IngestError, match="expected a range such as 2011-2020"):
        ingest(folder.source, folder.data.parent / "other", years="2012-2011")


def test_a_catalog_in_the_data_folder_is_preferred(folder):
    folder.data.mkdir()
    (folder.data / "units.csv").write_text("unit_id,name_en,name_zh,region\n007,Bond,,x\n")
    (folder.data / "indicators.csv").write_text(
        "indicator_code,name_en,name_zh,unit,source_agency,data_origin,lower_bound,upper_bound,"
        "missing_policy\nloans,Loans,,million yuan,x,user,,,fail\n"
    )
    folder.put("unit,year,loans (yuan)\nbond,2011,5000000\n007,2012,1\nHebei,2012,1\n")
    result = folder.run()
    assert folder.values_by_key() == {
        ("007", "2011", "loans"): "5",
        ("007", "2012", "loans"): "0.000001",
    }
    assert "not a unit of " in result.rejected[0][1].reason


def test_indicators_down_and_years_across_for_one_unit(folder):
    folder.put(
        "数据库：分省年度数据\n地区：河北省\n时间：最近2年\n指标,2012年,2011年\n专利授权数(件),2,1\n"
        "技术市场成交额(万元),30000,\n",
        "分省年度数据.csv",
    )
    folder.run()
    assert folder.values_by_key() == {
        ("13", "2012", "patents_granted"): "2",
        ("13", "2011", "patents_granted"): "1",
        ("13", "2012", "tech_market_turnover"): "3",
    }
    assert "unit_id: 13" in folder.mapping()
    assert not folder.run().is_changed


def test_a_sheet_per_unit(folder):
    folder.book(
        {
            "河北": [["年份", "专利授权数"], [2011, 1]],
            "河南省": [["年份", "专利授权数"], [2011, 2]],
        }
    )
    folder.run()
    assert folder.values_by_key() == {
        ("13", "2011", "patents_granted"): "1",
        ("41", "2011", "patents_granted"): "2",
    }


def test_a_note_beside_a_table_moves_nothing(folder):
    folder.book({"s": [["地区", "年份", "专利授权数"], ["河北", 2011, 5, None, "见注"]]})
    result = folder.run()
    assert folder.values_by_key() == {("13", "2011", "patents_granted"): "5"}
    assert (result.rejected, result.total("ignored")) == ([], 1)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.csv", "2019年专利情况\n地区,专利申请数,专利授权数\n西藏,1934,1020\n宁夏,2200,1555\n"),
        ("a.csv", "地区,专利申请数,专利授权数\n西藏,1934,1020\n宁夏,2000,1555\n"),
        ("专利授权数.csv", "甲,乙,专利申请数,专利授权数\n全国,2019,2345,1999\n河北,2019,20,10\n"),
        ("专利授权数.csv", "甲,乙,专利申请数,专利授权数\n全国,2019,2045,1999\n河北,2019,20,10\n"),
    ],
)
def test_values_are_not_read_as_years(folder, name, text):
    folder.put(text, name)
    result = folder.run()
    assert (result.accepted, len(result.pending)) == ({}, 1)
    assert "its layout was not recognised" in result.pending[0]


def test_further_words_for_units_and_years(folder):
    text = "省级行政区,年度,专利申请数,专利授权数\n全国,2019,2345,1999\n河北,2019,20,10\n"
    folder.put(text, "专利授权数.csv")
    folder.run()
    assert folder.values_by_key() == {
        ("13", "2019", "patent_applications"): "20",
        ("13", "2019", "patents_granted"): "10",
    }


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("河北省.csv", "所在单位,年份,专利授权数(件)\n石家庄市,2019,100\n唐山市,2019,200\n"),
        ("河北省.csv", "年份,组别,专利授权数(件)\n2019,甲,100\n2019,乙,200\n"),
        ("专利授权数.csv", "地区,类别,2019年,2020年\n河北,发明,5,6\n山西,合计,11,12\n"),
    ],
)
def test_an_unexplained_column_of_words_leaves_the_sheet_pending(folder, name, text):
    folder.put(text, name)
    result = folder.run()
    assert (result.accepted, len(result.pending)) == ({}, 1)


def test_cities_in_a_file_named_after_their_province(folder):
    folder.put("城市名称,年份,专利授权数(件)\n石家庄市,2019,100\n唐山市,2019,200\n", "河北省.csv")
    folder.run()
    assert folder.values_by_key() == {
        ("1301", "2019", "patents_granted"): "100",
        ("1302", "2019", "patents_granted"): "200",
    }


def test_an_extra_comma_is_detected_if_the_last_column_is_empty(folder):
    folder.put(
        "地区,年份,专利授权数,专利申请数,备注\n河北,2019,53,127,99,\n山西,2019,500,99,\n河南,2019,7,8\n"
    )
    result = folder.run()
    assert [cell.text for _, cell in result.rejected] == ["53", "127"]
    assert set(folder.values_by_key().values()) == {"500", "99", "7", "8"}


@pytest.mark.parametrize(
    ("name", "text", "stated"),
    [
        ("a.csv", "地区,年份,指标,数值(万元)\n河北,2019,技术市场成交额,350\n", "万元"),
        ("a.csv", "地区,年份,技术市场成交额\n,,(万元)\n河北,2019,350\n", "(万元)"),
        ("a.csv", "地区,年份,技术市场成交额,单位\n河北,2019,350,万元\n", "万元"),
        ("技术市场成交额.csv", "各地区技术市场成交额 (万元)\n地区,2018年\n河北,350\n", "万元"),
        ("技术市场成交额(亿元).csv", "单位：万元\n地区,2018年\n河北,350\n", "亿元 / 万元"),
        ("a.csv", "填报：局  单位：亿元、件\n地区,年份,技术市场成交额\n河北,2019,35\n", "亿元、件"),
        ("a.csv", "单位：万元\n单位：亿元\n地区,年份,技术市场成交额\n河北,2019,3\n", "万元 / 亿元"),
        ("a.csv", "地区,年份,技术市场成交额\n河北,2019,3\n注：单位：万元\n", "万元"),
        ("a.csv", "In 10,000 yuan\n地区,年份,技术市场成交额\n河北,2019,3\n", "10,000 yuan"),
        ("a.csv", "万元\n地区,年份,专利授权数\n河北,2019,3\n", "万元"),
    ],
)
def test_a_unit_is_assumed_only_if_none_is_stated(folder, name, text, stated):
    folder.put(text, name)
    result = folder.run()
    assert (result.accepted, result.total("waiting") > 0) == ({}, True)
    assert (
        f"set the factor from the column's unit of measurement to it. The file states '{stated}'."
        in (result.pending[0])
    )


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("Unit: 10,000 yuan\n地区,年份,技术市场成交额\n河北,2019,35\n", "0.0035"),
        ("填报单位：统计局  单位：万元\n地区,年份,技术市场成交额\n河北,2019,35\n", "0.0035"),
        ("技术市场 单位:万元 2019年\n地区,年份,技术市场成交额\n河北,2019,35\n", "0.0035"),
        (
            "province,year,indicator,unit,value\nHebei,2019,技术市场成交额,10000 yuan,35\n",
            "0.0035",
        ),
    ],
)
def test_lines_and_columns_that_state_the_unit(folder, text, value):
    folder.put(text)
    folder.run()
    assert folder.values_by_key() == {("13", "2019", "tech_market_turnover"): value}


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        (
            "地区,年份,指标,数值\n河北,2019,专利授权数,350\n",
            "地区,年份,指标,上年数值,数值\n河北,2019,专利授权数,111,350\n",
            "column D was '数值' and is '上年数值' now",
        ),
        (
            "技术市场成交额\n地区,2019年\n河北,35104\n",
            "一般公共预算支出\n地区,2019年\n河北,83090000\n",
            "row 1 was '技术市场成交额' and is '一般公共预算支出' now",
        ),
        (
            "单位：亿元\n地区,年份,技术市场成交额\n河北,2019,350\n",
            "单位：万元\n地区,年份,技术市场成交额\n河北,2019,3500000\n",
            "unit of measurement 1 was '亿元' and is '万元' now",
        ),
        (
            "地区,年份,年份2,专利授权数\n河北,2019,2018,350\n",
            "地区,基期,年份,专利授权数\n河北,2018,2019,350\n",
            "column B was '年份' and is '基期' now",
        ),
        (
            "地区,2018年\n河北,35\n",
            "地区,2018年\n,万元\n河北,35\n",
            "unit of measurement 1 was '' and is '万元' now",
        ),
    ],
)
def test_a_sheet_that_changed_since_its_mapping_is_refused(folder, before, after, message):
    folder.put(before, "技术市场成交额.csv")
    assert len(folder.run().accepted) == 1
    folder.put(after, "技术市场成交额.csv")
    with pytest.raises(IngestError, match=message):
        folder.run()


def test_another_year_in_a_title_is_not_a_change(folder):
    folder.put("时间：2011年-2018年\n地区,2018年\n河北,35\n", "专利授权数.csv")
    folder.run()
    folder.put("时间：2011年-2019年\n地区,2018年,2019年\n河北,35,36\n", "专利授权数.csv")
    assert len(folder.run().accepted) == 2


def test_new_columns_and_series_are_pending_and_reported(folder):
    folder.put("地区,年份,专利授权数\n河北,2019,350\n")
    folder.put("地区,年份,指标,数值\n山西,2019,专利授权数,350\n", "b.csv")
    assert folder.run().pending == []
    folder.put("地区,年份,专利授权数,专利申请数\n河北,2019,350,400\n")
    folder.put("地区,年份,指标,数值\n山西,2019,专利授权数,350\n山西,2019,专利申请数,7\n", "b.csv")
    result = folder.run()
    assert result.total("waiting") == 2
    assert [line.partition(" (new?)")[0] for line in result.pending] == [
        "a.csv column D '专利申请数': is not in the mapping",
        "b.csv '专利申请数': is not in the mapping",
    ]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (
            "地区,年份,专利授权数,,地区,年份,专利申请数\n河北,2019,1,,山西,2019,7\n",
            "row 2 names several units",
        ),
        ("省份,城市,年份,专利授权数\n河北,太原,2019,1\n", "row 2 names several units"),
        ("地区,年份,专利授权数,统计年度\n河北,2019,1,2018\n", "row 2 names several years"),
        (
            "地区,年份,专利授权数\n河北,2019,5\n\n地区,年份,专利申请数\n河北,2020,60\n",
            "row 4 looks like the header of another table",
        ),
        (
            "地区,2011年,2012年\n河北,1,2\n地区,2013年,2014年\n河北,3,4\n",
            "row 3 looks like the header of another table",
        ),
        (
            "地区,2011,2012\n河北,1,2\n专利申请数\n地区,2011,2012\n河北,3,4\n",
            "'专利申请数' in row 3 may begin another table",
        ),
        ("地区,2018年,2019年\n,申请数,授权数\n河北,50,5\n", "the header has several levels"),
    ],
)
def test_several_tables_on_one_sheet_are_pending(folder, text, why):
    folder.put(text, "专利授权数.csv")
    result = folder.run()
    assert (result.accepted, result.total("waiting") > 0) == ({}, True)
    assert result.pending[0].startswith("专利授权数.csv is pending: ")
    assert why in result.pending[0]


@pytest.mark.parametrize(
    ("rows", "merge", "is_left"),
    [
        ([["地区", "年份", "专利授权数", None], ["河北", 2019, 1, 2]], "C1:D1", True),
        (
            [[None, None, "增速", None], ["地区", "年份", "专利授权数"], ["河北", 2019, 1]],
            "C1:D1",
            True,
        ),
        ([["表一"], ["地区", "年份", "专利授权数"], ["河北", 2019, 1]], "A1:C1", False),
        ([[None, "单位：件"], ["地区", "年份", "专利授权数"], ["河北", 2019, 1]], "B1:C1", False),
    ],
)
def test_a_header_merged_across_is_pending(folder, rows, merge, is_left):
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    book.active.merge_cells(merge)
    book.save(folder.source / "a.xlsx")
    assert (folder.run().accepted == {}) == is_left


def test_a_repeated_header_belongs_to_the_table(folder):
    folder.put("地区,年份,专利授权数\n河北,2019,5\n地区,年份,专利授权数\n山西,2019,6\n")
    result = folder.run()
    assert (len(result.accepted), len(result.rejected)) == (2, 1)


@pytest.mark.parametrize(
    "after",
    [
        "地区,年份,专利授权数\n山西,2019,x1\n河北,2019,8\n",
        "地区,年份,专利授权数\n河北,2020,x1\n",
    ],
)
def test_a_correction_applies_to_its_own_value_only(folder, after):
    folder.put("地区,年份,专利授权数\n河北,2019,x1\n山西,2019,5\n")
    folder.run()
    folder.correct(corrected_value="111")
    assert len(folder.run().accepted) == 2
    folder.put(after)
    result = folder.run()
    assert 111 not in [cell.value for _, cell in result.accepted.values()]
    assert "x1" in [cell.text for _, cell in result.rejected]
    assert "is no longer the value of 河北 | 2019 | patents_granted | 1" in result.notes[-1]


def test_a_correction_is_not_for_another_factor(folder):
    folder.put('地区,年份,专利授权数(万件)\n河北,2019,"1,23"\n')
    folder.run()
    folder.correct(corrected_value="1.23")
    folder.run()
    assert list(folder.values_by_key().values()) == ["12300"]
    folder.edit("factor: 10000", "factor: 1")
    assert folder.run().accepted == {}


@pytest.mark.parametrize(
    ("form", "is_read"),
    [
        ("0!.0,", False),
        (r"0\.0,", False),
        ("0,", False),
        ('#,##0.0,,"M"', False),
        ('0.0"万"', False),
        ('#,##0.0 "million"', False),
        ('0.0" mn"', False),
        ('#,##0,,"M"', False),
        ('[>9999]0.0,"k";0.0', False),
        ("[$€-2] #,##0.0", False),
        ("[$$-409]#,##0.00", False),
        ("[$US$-409] 0.0", False),
        ('0"元"', False),
        ("0\\k", False),
        ('0"件"', True),
        ("[$¥-804]#,##0.00", True),
        ('_ * #,##0.00_ ;_ * -#,##0.00_ ;_ * "-"??_ ;_ @_ ', True),
        ("#,##0", True),
        ("#,##0.00_);[Red](#,##0.00)", True),
        (r'_ * #,##0.00_ ;_ * \-#,##0.00_ ;_ * "-"??_ ;_ @_ ', True),
        ("General", True),
    ],
)
def test_a_number_displayed_as_another_is_rejected(folder, form, is_read):
    book = openpyxl.Workbook()
    for row in (["地区", "年份", "专利授权数(万件)"], ["河北", 2019, 57809]):
        book.active.append(row)
    book.active["C2"].number_format = form
    book.save(folder.source / "a.xlsx")
    result = folder.run()
    assert (len(result.accepted), len(result.rejected)) == ((1, 0) if is_read else (0, 1))
    assert is_read or "is displayed as another number" in result.rejected[0][1].reason


def test_counts_with_decimal_commas_are_rejected(folder):
    folder.put(
        "地区;年份;技术市场成交额(亿元);专利授权数(件)\n"
        "河北;2019;381,612;1,234\n山西;2019;109,5;5,678\n辽宁;2019;7;9\n"
    )
    result = folder.run()
    assert [cell.text for _, cell in result.rejected] == ["1,234", "5,678"]
    assert set(folder.values_by_key().values()) == {"381.612", "109.5", "7", "9"}


def test_bare_numbers_among_percentages_are_rejected(folder):
    folder.put("地区,年份,商业银行不良贷款率\n河北,2019,1.5%\n山西,2019,0.018\n辽宁,2019,0\n")
    result = folder.run()
    assert [cell.text for _, cell in result.rejected] == ["0.018"]
    assert set(folder.values_by_key().values()) == {"1.5", "0"}


MONTHS = ["2019-01-31", "2019-02-28", "2019-12-31"]


@pytest.mark.parametrize(
    "rows",
    [
        [["地区", *MONTHS], ["河北", "1", "2", "12"]],
        [["地区", "2019年1月", "2019年2月", "2019年"], ["河北", "1", "2", "12"]],
        [["地区", "2019年", "2019年", "2018年"], ["河北", "1", "2", "12"]],
        [["地区", "年份", "专利授权数"], *(["河北", month, "1"] for month in MONTHS)],
        [["地区", "年份", "专利授权数"], ["河北", "2019Q1", "1"], ["河北", "2019Q2", "1"]],
        [["地区", "年份", "专利授权数"], ["河北", "2019-01-01", "1"], ["河南", "2019-12-31", "1"]],
    ],
)
def test_months_are_not_years(folder, rows):
    folder.put("".join(",".join(row) + "\n" for row in rows), "专利授权数.csv")
    result = folder.run()
    assert (result.accepted, result.total("read")) == ({}, 0)
    assert re.search(
        "not recognised|named by one year|several dates of the year", result.pending[0]
    )


def test_columns_beside_the_years_are_reported(folder):
    folder.put("地区,2018年,合计,2020年\n河北,1,2,3\n", "专利授权数.csv")
    result = folder.run()
    assert set(folder.values_by_key().values()) == {"1", "3"}
    assert "column C '合计' is ignored, since its name is not a year." in result.notes[0]


def test_a_year_from_the_name_is_checked_against_titles(folder):
    folder.put("地区,专利授权数\n河北,5\n", "2020.csv")
    result = folder.run()
    assert folder.values_by_key() == {("13", "2020", "patents_granted"): "5"}
    assert "2020.csv: the year 2020 is taken from its name." in result.notes
    folder.put("2020年各省专利\n地区,专利授权数\n河北,5\n", "2021.csv")
    result = folder.run()
    assert len(result.accepted) == 1
    assert "name several years: [2021, 2020]" in result.pending[0]
