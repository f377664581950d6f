"""Ambiguities that leave a sheet or a factor undecided."""

import pytest

from credit_indices.ingest import IngestError

HEAD = "地区,年份,技术市场成交额\n"
ROWS = "河北,2019,350\n山西,2019,35\n"


@pytest.mark.parametrize(
    ("name", "text", "why"),
    [
        # columns that narrow a row
        (
            "a.csv",
            "地区,年份,类型,专利授权数\n河北,2019,外商投资,1\n山西,2019,外商投资,2\n",
            "'类型'",
        ),
        ("a.csv", "省份,县,年份,专利授权数\n河北,正定县,2019,3\n山西,平遥县,2019,5\n", "'县'"),
        ("a.csv", "地区,年份,月份,专利授权数\n河北,2019,12,3\n山西,2019,12,5\n", "'月份'"),
        ("a.csv", "地区,年份,季度,指标,数值\n河北,2019,4,专利授权数,3\n", "'季度'"),
        ("a.csv", "地区,年份,城乡,指标,数值\n河北,2019,城镇,专利授权数,3\n", "'城乡'"),
        ("a.csv", "地区,城乡,指标,2018年,2019年\n河北,农村,专利授权数,1,2\n", "'城乡'"),
        ("a.csv", "地区,年份,指标,数值,同比\n河北,2019,专利授权数,350,3\n", "'同比'"),
        (
            "a.csv",
            "地区,年份,指标,数值,值\n河北,2019,专利授权数,3,4\n",
            "named as columns of values",
        ),
        ("a.csv", "地区,年份,专利授权数,专利授权数\n河北,2019,3,4\n", "2 columns are named"),
        # headers of several levels
        (
            "a.csv",
            ",,发明,\n地区,年份,专利授权数,专利申请数\n河北,2019,1,2\n",
            "is above a column name",
        ),
        (
            "a.csv",
            ",,外商投资企业(单位：件),\n地区,年份,专利授权数,专利申请数\n河北,2019,1,2\n",
            "is above a column name",
        ),
        ("a.csv", "地区,年份,专利授权数\n,,发明\n河北,2019,1\n", "several levels"),
        # further tables
        ("a.csv", HEAD + "河北,2018,350\n,,专利申请数\n山西,2018,35\n", "'专利申请数' in row 3"),
        ("a.csv", HEAD + "河北,2018,350\n表2 专利申请数,,\n河北,2019,35\n", "'表2 专利申请数'"),
        (
            "a.csv",
            "地区：河北省,,\n指标,2019年,2018年\n专利授权数,1,2\n地区：山西省,,\n专利申请数,3,4\n",
            "'地区：山西省' in row 4",
        ),
        (
            "a.csv",
            "专利授权数,,\n地区,2018年,2019年\n河北,1,2\n专利申请数,,\n山西,3,4\n",
            "'专利申请数' in row 4",
        ),
        (
            "a.csv",
            "专利授权数,,,专利申请数\n地区,2017年,2018年,地区,2019年\n河北,1,2,河北,3\n",
            "titles name several indicators: patent_applications, patents_granted",
        ),
        ("专利授权数.csv", "各省商标注册数\n地区,2018年,2019年\n河北,1,2\n", "'各省商标注册数'"),
        (
            "a.csv",
            "地区,技术市场成交额(亿元),,商品零售总额(亿元),\n,2016年,2017年,2018年,2019年\n河北,1,2,3,4\n",
            "is above a column name",
        ),
        ("a.csv", "地区,2018年,2019年①\n河北,1,2\n", "'2019年①' begins with a year but is not one"),
        ("专利授权数.csv", "地区,2018年\n河北,1\n乡镇企业,\n山西,3\n", "'乡镇企业' in row 3"),
        ("2018.csv", "地区,专利授权数\n河北,1\n2019年,\n山西,3\n", "'2019年' in row 3"),
        # columns with one word for each unit may still part it
        (
            "a.csv",
            "province,sector,year,patents_granted\nHebei,Mining,2019,3\nShanxi,Trade,2019,4\n"
            "Liaoning,Trade,2019,4\n",
            "'sector'",
        ),
        ("a.csv", "城市,区域,年份,专利授权数\n石家庄,市辖区,2019,3\n", "'区域'"),
        (
            "a.csv",
            "地区,季度,年份,专利授权数\n河北,1,2019,3\n山西,2,2019,4\n",
            "'季度'",
        ),
        # numbers that may not be codes
        (
            "a.csv",
            "province,year,patents_granted\n" + "".join(f"{n},2019,5\n" for n in range(1, 32)),
            "only 9 of 31 labels",
        ),
        ("a.csv", "firm_id,year,patents_granted\n11,2019,5\n12,2019,6\n", "may not be codes"),
        ("a.csv", "地区,年份,专利授权数\n朝阳,2019,1\n海淀,2019,1\n丰台,2019,1\n", "only 1 of 3"),
        # titles and notes
        ("a.csv", "地区(农村),年份,专利授权数\n河北,2019,3\n", "'农村'"),
        ("a.csv", "地区,年份,指标,数值(同比)\n河北,2019,专利授权数,3\n", "'同比'"),
        ("a.csv", HEAD + ROWS + "注：2019年为1-9月累计数,,\n", "'9月'"),
        ("a.csv", HEAD + ROWS + "Note: data are growth rates,,\n", "'growth'"),
        ("2019Q3.csv", HEAD + ROWS, "'Q3'"),
        ("a.csv", "指数(上年为100)\n" + HEAD + ROWS, "'上年为100'"),
        ("专利授权数.csv", "专利授权数增长率\n地区,2018年,2019年\n河北,1,2\n", "'增长'"),
        ("专利授权数.csv", "1-6月\n地区,2018年,2019年\n河北,1,2\n", "'6月'"),
        ("a.csv", "人均\n" + HEAD + ROWS, "'人均'"),
        ("a.csv", "Patents, growth over the year before\n" + HEAD + ROWS, "'growth'"),
        ("tech_turnover_per_capita.csv", HEAD + ROWS, "'per capita'"),
        ("a.csv", HEAD + ROWS + "注：本表为比上年增减,,\n", "'比上年'"),
    ],
)
def test_ambiguous_sheets_are_pending_with_a_reason(folder, name, text, why):
    folder.put(text, name)
    result = folder.run()
    assert (result.accepted, result.total("read")) == ({}, 0)
    assert result.pending[0].startswith(f"{name} is pending: ")
    assert why in result.pending[0]


def test_a_sheet_is_read_when_its_ambiguities_are_removed(folder):
    folder.put("2020年月报\n" + "地区,年份,类型,专利授权数\n河北,2019,外商投资,1\n")
    pending = folder.run().pending[0]
    assert "'类型'" in pending
    text = folder.mapping()
    kept = text[: text.index("    doubts:")] + text[text.index("    header_row:") :]
    folder.edit(text, kept)
    result = folder.run()
    assert (len(result.accepted), result.pending) == (1, [])
    assert folder.run().is_changed is False
    folder.put("2020年月报\n" + "地区,年份,类型,专利授权数\n河北,2019,外商投资,1\n表2,,,\n")
    with pytest.raises(IngestError, match=r"'表#' in row # may begin another table\. This is new"):
        folder.run()


@pytest.mark.parametrize(
    "text",
    [
        "数据库：分省年度数据\n时间：2011年-2020年\n地区,2018年\n河北,1\n注：本表由国家统计局发布\n",
        "更新时间：2024年3月\n专利授权数\n地区,2018年\n河北,1\n",
        "各省历年专利授权数\n地区,2018年\n河北,1\n",
        "序号,地区,年份,区域,province,专利授权数(件),备注\n1,河北,2018,东部,Hebei,1,月报\n",
        "国家,省份,城市,年份,专利授权数\n中国,河北,石家庄,2018,1\n中国,山西,太原,2018,2\n",
        "地区,年份,简称,frequency,专利授权数\n河北,2018,冀,A,1\n山西,2018,晋,A,2\n",
        "sep=,\n地区,年份,专利授权数\n河北,2018,1\n北京 Beijing,2018,2\n华北地区,,\n山西,2018,3\n",
        "Downloaded on 12 March 2021\n地区,年份,专利授权数\n河北,2018,1\n数据来源：河北,,\n",
        "表20-9 专利授权数\n地区,2018年\n河北,1\n",
        "20-9  专利授权数\n地区,2018年\n河北,1\n",
        ",地区,年份,专利授权数\n3,河北,2018,1\n7,山西,2018,2\n",
        "地区,年份,专利授权数（单位：件）,城镇单位就业人员数\n河北,2018,1,5\n",
        ",,单位：件\n地区,年份,专利授权数\n河北,2018,1\n",
        "东部地区,,\n地区,年份,专利授权数\n河北,2018,1\n中部地区,,\n山西,2018,2\n",
    ],
)
def test_usual_texts_are_not_ambiguous(folder, text):
    folder.put(text, "专利授权数.csv")
    result = folder.run()
    assert (len(result.accepted) > 0, result.rejected) == (True, [])
    assert not [line for line in result.pending if "is pending" in line]


def test_beside_a_province_the_city_is_the_unit(folder):
    folder.put(
        "省份,城市,年份,专利授权数\n河北,石家庄,2019,3\n河北,唐山,2019,5\n吉林,吉林,2019,4\n"
    )
    folder.run()
    assert {unit for unit, _, _ in folder.values_by_key()} == {"1301", "1302", "2202"}


@pytest.mark.parametrize(
    ("text", "stated"),
    [
        ("Figures in billions of yuan\n" + HEAD + ROWS, "billions of yuan"),
        ("Amounts in thousands\n" + HEAD + ROWS, "thousands"),
        ("RMB bn\n" + HEAD + ROWS, "RMB / bn"),
        ("RMB '000\n" + HEAD + ROWS, "RMB / '000"),
        ("Technology (US$ m)\n" + HEAD + ROWS, "US$"),
        ("各省数据(万)\n" + HEAD + ROWS, "万"),
        (HEAD + ROWS + "注：本表金额按万元计,,\n", "万元"),
        (HEAD + "河北,2018,350\n（万元）,,\n山西,2019,35\n", "万元"),
        ("地区,年份,金额单位,技术市场成交额\n河北,2019,万元,5\n", "万元"),
        ("地区,年份,技术市场成交额,备注\n河北,2019,5,以万元为单位\n", "万元"),
        (
            "province,year,indicator,scale,value\nHebei,2019,tech_market_turnover,Millions,5\n",
            "Millions",
        ),
        (
            "province,year,indicator,powercode,value\nHebei,2019,tech_market_turnover,6,5\n",
            "6",
        ),
        (
            "province,year,indicator,unit,powercode,value\n"
            "Hebei,2019,tech_market_turnover,yuan,Millions,5\n",
            "yuan / Millions",
        ),
        (
            "province,year,currency,tech_market_turnover\nHebei,2019,USD,5\n",
            "USD",
        ),
        ("In billions\n地区,年份,技术市场成交额(元)\n河北,2019,5\n", "元 / billions"),
    ],
)
def test_a_scale_stated_anywhere_leaves_the_factor_undecided(folder, text, stated):
    folder.put(text)
    result = folder.run()
    assert (result.accepted, len(result.pending)) == ({}, 1)
    assert f"The file states {stated!r}." in result.pending[0]


def test_a_sheets_name_may_state_the_scale(folder):
    folder.book({"RMB mn": [["地区", "年份", "技术市场成交额"], ["河北", 2019, 350]]})
    assert "The file states 'RMB / mn'." in folder.run().pending[0]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        # what one value of a file proves holds for the others
        (["1.234,5", "2.345", "987,5"], ["1234.5", "2345", "987.5"]),
        (["987,5", "2.345", "12"], ["987.5", None, "12"]),
        (["381,612", "1,5", "7"], ["381.612", "1.5", "7"]),
        (["1,512", "2,434", "3"], [None, None, "3"]),
        (["1.512", "12.434", "3"], [None, None, "3"]),
        (["1.512", "12.4", "1,5"], [None, "12.4", None]),
        (["1,234.5", "2,345", "0.5"], ["1234.5", "2345", "0.5"]),
        (["1.234.567", "2.345", "3"], ["1234567", "2345", "3"]),
    ],
)
def test_decimal_commas_in_a_file_with_semicolons(folder, values, expected):
    units = ["Hebei", "Shanxi", "Liaoning"]
    lines = [f"{unit};2019;{text}" for unit, text in zip(units, values, strict=True)]
    folder.put("\n".join(["province;year;tech_market_turnover", *lines]) + "\n")
    result = folder.run()
    found = {cell.unit: cell.value for _, cell in result.accepted.values()}
    read = [found.get(unit) for unit in ("13", "14", "21")]
    assert [None if value is None else str(value) for value in read] == expected


def test_a_decimal_comma_makes_thousands_elsewhere_ambiguous(folder):
    folder.put('地区,年份,技术市场成交额,商业银行不良贷款率\n河北,2019,"381,612","1,5"\n')
    result = folder.run()
    assert [cell.text for _, cell in result.rejected] == ["381,612", "1,5"]
    folder.edit("    indicators:", "    decimal_mark: ','\n    indicators:")
    folder.run()
    assert sorted(folder.values_by_key().values()) == ["1.5", "381.612"]


def test_a_decimal_mark_is_for_text_files_only(folder):
    folder.book({"a": [["地区", "年份", "专利授权数"], ["河北", 2019, 1]]})
    folder.run()
    folder.edit("    indicators:", "    decimal_mark: ','\n    indicators:")
    with pytest.raises(IngestError, match="decimal_mark applies to text files"):
        folder.run()


def test_counts_with_decimals_are_reported(folder):
    folder.put("地区,年份,专利授权数\n河北,2019,1.5\n山西,2019,1e28\n")
    notes = [note for note in folder.run().notes if "whole" in note]
    assert notes == [
        "a.csv C2 '1.5': patents_granted is counted, but 1.5 is not a whole number. Is the "
        "factor correct?"
    ]


BY_HAND = "    layout: wide\n    header_row: 2\n    unit_column: A\n    year_column: B\n"


def test_indicators_are_proposed_for_a_handwritten_layout(folder):
    folder.put("Figures\nProv,yr,专利授权数(件),甲\n河北,2019,5,1\n")
    folder.put("地区,年份,专利授权数\n山西,2019,6\n", "b.csv")
    assert "its layout was not recognised" in folder.run().pending[0]
    text = folder.mapping().replace("  - file: b.csv", "  # mine\n  - file: b.csv")
    folder.edit(folder.mapping(), text.replace("    layout:\n", BY_HAND))
    result = folder.run()
    assert (len(result.accepted), len(result.pending)) == (2, 1)
    assert "no indicator has exactly this name" in result.pending[0]
    assert "  # mine\n  - file: b.csv" in folder.mapping()
    assert folder.mapping().count("name: 专利授权数(件)") == 1
    assert not folder.run().is_changed


def test_another_header_row_applies_when_indicators_are_removed(folder):
    folder.put("地区,年份,甲\n地区,年份,专利授权数\n河北,2019,5\n")
    folder.run()
    text = folder.mapping()
    folder.edit(text, text[: text.index("    doubts:")].replace("    layout: wide\n", BY_HAND))
    assert "B1 '年份' is above a column name" in folder.run().pending[0]
    text = folder.mapping()
    kept = text[: text.index("    doubts:")] + text[text.index("    header_row:") :]
    folder.edit(text, kept)
    assert folder.run().total("accepted") == 1


def test_a_year_in_a_title_must_equal_the_year_of_all_rows(folder):
    folder.book({"2018": [["2018年各省专利"], ["地区", "专利授权数"], ["河北", 1]]})
    assert len(folder.run().accepted) == 1
    folder.book({"2018": [["2019年各省专利"], ["地区", "专利授权数"], ["河北", 2]]})
    with pytest.raises(IngestError, match="row 1 was '2018年各省专利' and is '2019年各省专利' now"):
        folder.run()
    (folder.data / "ingest" / "seen.json").unlink()
    assert len(folder.run().accepted) == 1


def test_a_handwritten_mapping_notices_another_unit_too(folder):
    folder.put("单位：亿元\nProv,yr,技术市场成交额\n河北,2019,350\n")
    folder.run()
    folder.edit("    layout:\n", BY_HAND)
    assert len(folder.run().accepted) == 1
    folder.put("单位：万元\nProv,yr,技术市场成交额\n河北,2019,3500000\n")
    with pytest.raises(IngestError, match="unit of measurement 1 was '亿元' and is '万元' now"):
        folder.run()


@pytest.mark.parametrize("content", ["", "[", "{}x", '[{"file": 1}]', "[" * 100_000, '[["a"]]'])
def test_damaged_fingerprints_are_refused(folder, content):
    folder.put("地区,年份,专利授权数\n河北,2019,5\n")
    folder.run()
    (folder.data / "ingest" / "seen.json").write_text(content)
    with pytest.raises(IngestError, match="was changed or damaged"):
        folder.run()


def test_a_correction_in_a_file_with_decimal_commas(folder):
    folder.put("province;year;tech_market_turnover\nHebei;2019;12①\nShanxi;2019;12,5\n")
    folder.run()
    folder.correct(corrected_value="12,345")
    (rejected,) = folder.run().rejected
    assert "was corrected to '12,345', which may have thousands or decimals" in rejected[1].reason
    folder.correct(corrected_value="12,3450")
    assert folder.run().rejected == []
    assert folder.values_by_key()["13", "2019", "tech_market_turnover"] == "12.345"


def test_a_unit_alone_can_be_corrected(folder):
    folder.put("地区,年份,专利授权数\n河北,2019,5\n陕,2019,6\n")
    folder.run()
    folder.correct(unit="陕西")
    assert folder.run().rejected == []
    assert folder.values_by_key()["61", "2019", "patents_granted"] == "6"
    assert not folder.run().is_changed


def test_implausible_years_are_rejected(folder):
    folder.put("地区,年份,专利授权数\n河北,2109,5\n河北,1019,5\n河北,2019,5\n")
    assert [cell.period for _, cell in folder.run().rejected] == [2109, 1019]


def test_thousands_with_points_among_counts_are_rejected(folder):
    folder.put("地区\t年份\t专利授权数\n河北\t2019\t1.234\n山西\t2019\t12\n", "a.tsv")
    (rejected,) = folder.run().rejected
    assert "is not a whole number, but patents_granted is counted" in rejected[1].reason


def test_tables_of_other_kinds_are_pending(folder):
    folder.put("地区,年份,专利授权数\n河北,2019,5\n")
    folder.put("x", "b.dta")
    folder.put("x", "c.pdf")
    result = folder.run()
    assert result.pending == [
        "b.dta was not read: save it as .xlsx or CSV UTF-8, or move it out of the folder."
    ]
    assert result.notes[0].startswith("c.pdf was not read")
