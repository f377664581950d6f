"""Wrong values that look right: units of measurement, index numbers, marks, codes, fractions."""

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from babel import Locale

from credit_indices.ingest import IngestError, bases, languages
from credit_indices.ingest.measurement_units import factor, stated_in

COLUMNS = (
    "indicator_code,name_en,name_zh,unit,source_agency,data_origin,lower_bound,upper_bound,"
    "missing_policy\n"
)
UNITS = ["Hebei", "Shanxi", "Liaoning", "Jiangsu", "Zhejiang", "Anhui", "Fujian", "Jiangxi"]
ROWS = "unit,year,gdp\nHebei,2019,12.5\nShanxi,2019,7.25\n"


def catalog(folder, *indicators: str) -> None:
    folder.data.mkdir()
    rows = "".join(f"{indicator},X,user,,,fail\n" for indicator in indicators)
    (folder.data / "indicators.csv").write_text(COLUMNS + rows, encoding="utf-8")


def column(indicator: str, values: list, year: int = 2019, separator: str = ",") -> str:
    rows = [["unit", "year", indicator]]
    rows += [
        [unit, str(year), str(value)]
        for unit, value in zip(UNITS[: len(values)], values, strict=True)
    ]
    return "".join(separator.join(row) + "\n" for row in rows)


def notes(result) -> list[str]:
    return [note for note in result.notes if "states no unit of measurement" not in note]


# Units of measurement


def test_traditional_chinese_measures_are_read(folder):
    catalog(folder, "pat,Patents,專利,count")
    (folder.data / "units.csv").write_text(
        "unit_id,name_en,name_zh,region\nTPE,Taipei,臺北市,n\nTNN,Tainan,臺南市,s\n",
        encoding="utf-8",
    )
    text = "專利\n單位：萬件\n地區,2019年,2020年\n臺北市,12,15\n臺南市,3,4\n"
    folder.put(text, "專利.csv", "big5")
    folder.run(encoding="big5")
    assert sorted(folder.values_by_key().values()) == ["120000", "150000", "30000", "40000"]


def test_traditional_chinese_amounts_are_not_counts(folder):
    catalog(folder, "pat,Patents,專利,count")
    folder.put("專利\n單位：萬元\n地區,2019年\n河北,12\n", "專利.csv")
    assert "The file states '万元'." in folder.run().pending[0]


@pytest.mark.parametrize(
    ("stated", "wanted", "expected"),
    [
        ("百萬元", "million yuan", 1),
        ("億元", "yuan", 10**8),
        ("百万円", "million yen", 1),
        ("億円", "million yen", 100),
        ("백만원", "million won", 1),
        ("조원", "million won", 10**6),
        ("萬戶", "10,000 households", 1),
        ("億美元", "us dollars", 10**8),
        ("百万円", "million yuan", None),
        ("兆元", "yuan", None),
        ("百分点", "percent", None),
        ("上年=100", "preceding year = 100", 1),
        ("2010=1", "2010=100", None),
    ],
)
def test_factors_of_other_scripts_and_bases(stated, wanted, expected):
    assert factor(stated, wanted) == expected


@pytest.mark.parametrize(
    "line",
    [
        "単位：百万円", "단위: 백만원", "Đơn vị: tỷ đồng", "млн. руб.", "em milhares", "w tys. zł",
        "bin TL", "करोड़", "in Mio. EUR", "en milliers",
        "en millions d'euros", "in Tsd.", "ezer Ft",
        "tusen kr", "Einheit: Tausend", "Valores en miles de pesos",
        "หน่วย: ล้านบาท", "Μονάδα: χιλ.",
        "Rs. crore", "juta rupiah", "mld. Kč", "EM MILHARES",
        "Werte in Hundert", "T€", "PLN", "（公顷）",
        "in acres", "per mille", "百分点", "GDP, yuan, в тысячах",
    ],
)  # fmt: skip
def test_unknown_units_of_measurement_are_pending(folder, line):
    folder.put(f'"{line}"\n{ROWS}')
    result = folder.run()
    assert (result.accepted, result.total("waiting") > 0) == ({}, True)


@pytest.mark.parametrize(
    "line",
    [
        "Gross regional product by province, 2011-2020",
        "Table 3-9  GDP by region",
        "各省地区生产总值（2011-2020）",
        "Source: CEIC, INSEE",
        "Source: National Bureau of Statistics of China, https://data.stats.gov.cn",
        "數據庫：分省年度數據",
        "GDP of Hebei and Shanxi",
        "Downloaded on 12 March 2021 from CSMAR",
        "China Statistical Yearbook 2020",
        "NY.GDP.MKTP.CD",
    ],
)
def test_titles_in_chinese_and_english_are_read(folder, line):
    folder.put(f'"{line}"\n{ROWS}')
    assert len(folder.run().accepted) == 2


def test_names_of_the_catalog_are_known_in_any_language(folder):
    catalog(folder, "pib,Produto Interno Bruto,,million reais")
    folder.put("Produto interno bruto\n" + ROWS.replace("gdp", "pib"))
    assert len(folder.run().accepted) == 2


def test_an_unread_line_is_accepted_without_its_ambiguity(folder):
    folder.put("Bruttoinlandsprodukt\n" + ROWS)
    assert "is not understood ('Bruttoinlandsprodukt')" in folder.run().pending[0]
    text = folder.mapping()
    folder.edit(text, text[: text.index("    doubts:")] + text[text.index("    header_row:") :])
    assert len(folder.run().accepted) == 2


@pytest.mark.parametrize(
    "name", ["gdp_million_usd.csv", "gdp_mld_eur.csv", "dane_tys_zl.csv", "млн руб.csv", "PLN.csv"]
)
def test_a_scale_in_the_name_of_a_file(folder, name):
    folder.put(ROWS, name)
    assert folder.run().accepted == {}


def test_a_scale_beside_the_values_and_in_notes(folder):
    folder.put("unit,year,indicator,value (bin TL)\nHebei,2019,gdp,5.5\n")
    folder.put(ROWS.replace("2019", "2020") + "Примечание: в тысячах рублей\n", "b.csv")
    assert folder.run().accepted == {}


def test_notes_that_are_not_understood_are_reported(folder):
    folder.put(ROWS + "Remarque: sans les îles\n")
    result = folder.run()
    assert len(result.accepted) == 2
    assert "a.csv: row 4 is not understood: 'Remarque: sans les îles'" in result.notes


@pytest.mark.parametrize(
    "language", ["de", "es", "fr", "it", "pl", "pt", "ru", "tr", "uk", "cs", "hu", "id", "vi", "sv"]
)
def test_words_of_scales_against_cldr(language):
    formats = Locale.parse(language).compact_decimal_formats["long"]
    words = {
        pattern.pattern.replace("0", "").strip(" '.\xa0")
        for sizes in formats.values()
        for pattern in sizes.values()
    }
    for word in words - {"", "bin"}:  # bin is an English word
        assert languages.scales_in(word) or stated_in(word), word


# Index numbers


@pytest.mark.parametrize(
    "line",
    [
        "(preceding year=100)", "(1978=100)", "(上年=100)", "（上年＝100）", "（以1978年为100）",
        "(以1978年為100)", "preceding year = 100", "2015 = 100",
        "Index (2010=100)", "指数（上年＝100）",
        "previous year: 100", "上年同期=100", "base year 2010", "2010 = 1", "EU28=100",
        "Indices of gross regional product", "gdp index",
        "last year as 100", "indexed to 100", "基期：2010年", "指数",
    ],
)  # fmt: skip
@pytest.mark.parametrize("is_across", [True, False])
def test_index_numbers_are_pending(folder, line, is_across):
    across = "unit,2019,2020\nHebei,106.1,101.2\nShanxi,106.8,103.9\n"
    title = '"Gross regional product, as first published"\n' if is_across else ""
    folder.put(f"{title}{line}\n{across if is_across else ROWS}", "gdp.csv")
    result = folder.run()
    assert result.accepted == {}
    assert "index numbers" in result.pending[0]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("gdp(上年=100).csv", ROWS),
        ("gdp_1978=100.csv", ROWS),
        ("a.csv", ROWS + "注：上年=100\n"),
        ("a.csv", "unit,year,gdp (2015=100)\nHebei,2019,106.1\n"),
        ("a.csv", "unit,year,gdp,remark\nHebei,2019,106.1,上年=100\n"),
        ("a.csv", "unit,year,gdp,基期\nHebei,2019,106.1,1978\n"),
        ("a.csv", "unit,year,indicator,value (1978=100)\nHebei,2019,gdp,106.1\n"),
        ("a.csv", "unit,year,indicator,value (index)\nHebei,2019,gdp,106.1\n"),
    ],
)
def test_index_numbers_are_detected_anywhere(folder, name, text):
    folder.put(text, name)
    result = folder.run()
    assert (result.accepted, len(result.pending) > 0) == ({}, True)


def test_a_sheet_can_state_the_base(folder):
    folder.book({"上年=100": [["unit", "year", "gdp"], ["Hebei", 2019, 106.1]]})
    assert folder.run().accepted == {}


def test_index_numbers_of_the_indicators_own_base_are_read(folder):
    catalog(folder, "cpi,CPI,居民消费价格指数,preceding year = 100")
    rows = "地区,年份,cpi\n河北,2019,101.5\n"
    folder.put("居民消费价格指数（上年=100）\n" + rows)
    folder.put(rows.replace("cpi", "cpi (上年＝100)").replace("2019", "2020"), "b.csv")
    assert len(folder.run().accepted) == 2
    folder.put("(1978=100)\n" + rows.replace("2019", "2021"), "c.csv")
    assert len(folder.run().accepted) == 2


@pytest.mark.parametrize(
    "text",
    [
        "Total = 100%",
        "per 100 persons",
        "Top 100",
        "2011-2020",
        "1 = yes, 0 = no",
        "2019: 100 units",
    ],
)
def test_texts_without_a_base(text):
    assert bases.stated_in(text) == {}


# Decimal marks


@pytest.mark.parametrize("ending", [".csv", ".tsv", ".txt"])
@pytest.mark.parametrize(
    "values", [["35.371", "35.104", "16.961"], ["35,371", "35,104", "16,961"], ["35.371", "950"]]
)
def test_one_mark_before_three_digits_proves_nothing(folder, ending, values):
    if ending == ".csv":
        values = [f'"{value}"' for value in values]
    folder.put(column("gdp", values, separator="," if ending == ".csv" else "\t"), f"a{ending}")
    result = folder.run()
    marked = [value.strip('"') for value in values if value.strip('"') != "950"]
    assert [cell.text for _, cell in result.rejected] == marked
    assert "Set decimal_mark: '.' or ','" in result.rejected[0][1].reason
    folder.edit("    indicators:", "    decimal_mark: ','\n    indicators:")
    assert folder.run().rejected == []
    first = "35371" if "." in values[0] else "35.371"
    assert folder.values_by_key()["13", "2019", "gdp"] == first


@pytest.mark.parametrize(
    ("values", "first"),
    [
        (["35.371", "35.1"], "35.371"),
        (["35.371", "0.104"], "35.371"),
        (["35.371", "1234.104"], "35.371"),
        (["35.371", "1950"], "35.371"),
        (["35.371", "1.5e3"], "35.371"),
        (["35.371", "1'234"], "35.371"),
        (["35.371", "1 234.5"], "35.371"),
        (['"35,371"', "950"], "35371"),
        (['"35,371"', "1.5"], "35371"),
    ],
)
def test_other_values_prove_the_mark(folder, values, first):
    folder.put(column("gdp", values))
    assert folder.run().rejected == []
    assert folder.values_by_key()["13", "2019", "gdp"] == first


def test_a_count_proves_that_commas_separate_thousands(folder):
    folder.put('unit,year,gdp,patents_granted\nHebei,2019,"35,371","1,234"\n')
    folder.run()
    assert folder.values_by_key()["13", "2019", "gdp"] == "35371"


def test_a_percentage_has_no_thousands(folder):
    folder.put(column("npl_ratio", ["1.371", "1.104"]))
    folder.put(column("npl_ratio", ['"1,371"', '"1,104"'], 2020), "b.csv")
    result = folder.run()
    assert set(folder.values_by_key().values()) == {"1.371", "1.104"}
    assert [cell.text for _, cell in result.rejected] == ["1,371", "1,104"]


def test_a_count_of_whole_thousands_is_not_one(folder):
    folder.put(column("patents_granted", ["1.371", "1.000"]))
    assert [cell.text for _, cell in folder.run().rejected] == ["1.371", "1.000"]


def test_numbers_that_are_text_in_a_workbook(folder):
    rows = [["unit", "year", "gdp"], ["Hebei", 2019, "35.371"], ["Shanxi", 2019, 16.961]]
    folder.book({"s": rows})
    assert [cell.text for _, cell in folder.run().rejected] == ["35.371"]
    folder.edit("    indicators:", "    decimal_mark: ','\n    indicators:")
    assert folder.run().rejected == []
    assert sorted(folder.values_by_key().values()) == ["16.961", "35371"]


def test_numbers_that_are_text_in_parquet(folder):
    table = {"unit": ["Hebei", "Shanxi"], "year": [2019, 2019], "gdp": ["35.371", "35.104"]}
    pq.write_table(pa.table(table), folder.source / "a.parquet")
    assert len(folder.run().rejected) == 2
    table["gdp"] = [35.371, 35.104]
    pq.write_table(pa.table(table), folder.source / "a.parquet")
    assert folder.run().rejected == []


def test_three_digits_everywhere_are_reported(folder):
    rows = [f"{unit},2019,{gdp},1.5" for unit, gdp in zip(UNITS, ["35.371"] * 3, strict=False)]
    folder.put("unit,year,gdp,npl_ratio\n" + "\n".join(rows) + "\n")
    result = folder.run()
    assert len(result.accepted) == 6
    assert "all 3 values of gdp, such as '35.371', have three digits" in notes(result)[0]


# Missing codes


@pytest.mark.parametrize(
    ("values", "codes"),
    [
        ([10, 12.5, 15, -999, 20, 37.5], ["-999"]),
        ([10, 12.5, -999, -99, -999, 37.5], ["-999", "-99", "-999"]),
        ([10, 12.5, "-999.0", 3], ["-999.0"]),
        ([10, 12.5, -9, 37.5], ["-9"]),
        ([10, 12.5, "-99.9", 37.5], ["-99.9"]),
        ([10, 12.5, -88, 37.5], ["-88"]),
        ([10, 12.5, 9999, 900], ["9999"]),
        ([2, 5, 99, 14, 3], ["99"]),
        ([120, 130, 99999, 150], ["99999"]),
        ([1.5, "9.99e30", 7], ["9.99e30"]),
        ([1.5, "9.96921e36", 7], ["9.96921e36"]),
        ([12, 15, 2147483647, 30], ["2147483647"]),
        ([-3, -2, -999, 4], ["-999"]),
        # values of their own right
        ([-300, -1200, -999, 40], []),
        ([5000, 12000, 9999, 700], []),
        ([60, 99, 20], []),
        ([97.5, 99.9, 98], []),
        ([3, 900, 90, 9, 990], []),
        ([-3, -2, 4, 5], []),
        ([-7.5, -9, 4, 5], []),
        ([99, 99], []),
    ],
)
def test_missing_codes(folder, values, codes):
    folder.put(column("gdp", values))
    result = folder.run()
    assert [cell.text for _, cell in result.rejected] == codes
    assert all("looks like a code of missing" in cell.reason for _, cell in result.rejected)
    assert len(result.accepted) == len(values) - len(codes)
    (cells,) = [counts for _, _, counts in result.cells]
    assert (cells["accepted"], cells["rejected"]) == (len(values) - len(codes), len(codes))


def test_a_negative_count_is_a_code(folder):
    folder.put(column("patents_granted", [12, 15, -1]))
    assert [cell.text for _, cell in folder.run().rejected] == ["-1"]


def test_codes_are_searched_in_the_files_own_unit(folder):
    folder.put("单位：万元\n" + column("gdp", [1000, 1250, -999, 2000]))
    assert [cell.text for _, cell in folder.run().rejected] == ["-999"]


def test_values_of_all_files_are_compared(folder):
    folder.put(column("gdp", [3, 5, 9999]))
    folder.put(column("gdp", [8000, 12000], 2020), "b.csv")
    folder.put(column("gdp", [4, 6, 9999], 2021), "c.csv")
    assert folder.run().rejected == []


def test_a_code_far_from_the_units_own_values(folder):
    rows = [("Hebei", 2018, 120), ("Hebei", 2019, 9999), ("Hebei", 2020, 130)]
    rows += [("Jiangsu", year, 9000 + year) for year in (2018, 2019, 2020)]
    folder.put("unit,year,gdp\n" + "".join(f"{u},{y},{v}\n" for u, y, v in rows))
    (rejected,) = folder.run().rejected
    assert "they are 120 to 130 for its unit" in rejected[1].reason


@pytest.mark.parametrize("place", ["the mapping", "the sheet", "the indicator"])
@pytest.mark.parametrize(
    ("said", "value"), [("-999", None), ("[-9, '-999']", None), ("none", "-999")]
)
def test_missing_codes_are_stated_once(folder, place, said, value):
    folder.put(column("gdp", [10, 12, -999, -999]))
    assert len(folder.run().rejected) == 2
    new = {
        "the mapping": "sheets:",
        "the sheet": "    indicators:",
        "the indicator": "        factor:",
    }
    margin = len(new[place]) - len(new[place].lstrip())
    folder.edit(new[place], f"{' ' * margin}missing: {said}\n{new[place]}")
    result = folder.run()
    assert result.rejected == []
    assert result.total("missing") == (0 if value else 2)
    assert folder.values_by_key().get(("21", "2019", "gdp")) == value
    assert not folder.run().is_changed


def test_codes_may_be_words(folder):
    folder.put(column("gdp", [10, 12, "k.A."]))
    folder.run()
    folder.edit("    indicators:", "    missing: k.A.\n    indicators:")
    result = folder.run()
    assert (result.total("missing"), result.rejected) == (1, [])


def test_a_faulty_missing_key_is_reported(folder):
    folder.put(column("gdp", [10, 12, -999]))
    folder.run()
    folder.edit("    indicators:", "    missing: {a: b}\n    indicators:")
    with pytest.raises(IngestError, match="missing is neither a code such as -999"):
        folder.run()


def test_a_code_that_is_a_value_can_be_corrected(folder):
    folder.put(column("gdp", [10, 12, -999]))
    folder.run()
    folder.correct(corrected_value="-999")
    assert folder.run().rejected == []
    assert folder.values_by_key()["21", "2019", "gdp"] == "-999"
    assert not folder.run().is_changed


# Notes


@pytest.mark.parametrize(
    ("values", "note"),
    [
        ([3, 4, 5, 6, 7, 100000], "far from all other values of gdp (3 to 7)"),
        ([300, 310, 320, 330, 340, 3], ""),
        ([3000, 3010, 3020, 3030, 3040, 3], "far from all other values of gdp (3000 to 3040)"),
        ([3, 5, 7, -1], "the only negative value of gdp, and a usual code"),
        ([3, 5, 7, 9, 11, 30], ""),
    ],
)
def test_outliers_are_reported(folder, values, note):
    folder.put(column("gdp", values))
    found = notes(folder.run())
    assert len(found) == bool(note)
    assert note in "".join(found)


@pytest.mark.parametrize(
    ("values", "is_reported"),
    [
        (["0.0123", "0.0234"], True),
        (["0.0123", "0", "1"], True),
        (["0", "0"], False),
        (["0.0123", "1.234"], False),
        (["0.0123%", "0.5%"], False),
    ],
)
def test_percentages_as_fractions_are_reported(folder, values, is_reported):
    folder.put(column("npl_ratio", values))
    found = notes(folder.run())
    assert ["Are they fractions?" in note for note in found] == [True] * is_reported


def test_fractions_in_a_workbook_under_a_percent_sign(folder):
    folder.book({"s": [["unit", "year", "npl_ratio (%)"], ["Hebei", 2019, 0.0123]]})
    assert "C2 '0.0123': npl_ratio is in percent" in notes(folder.run())[0]


def test_a_year_of_fractions_among_percentages_is_reported(folder):
    folder.put(column("npl_ratio", [1.2, 1.3, 2.1]))
    folder.put(
        column("npl_ratio", [1.2, 1.3, 2.1]) + column("npl_ratio", [".01", ".02", ".03"], 2020)
    )
    assert "its values of 2020 lie between -1 and 1" in " ".join(notes(folder.run()))


@pytest.mark.parametrize(
    ("measure", "values", "is_reported"),
    [
        ("share", [35, 0.5], True),
        ("ratio", [35, 55], True),
        ("ratio", [1.2, 0.5], False),
        ("share", [1, 0.5], False),
    ],
)
def test_shares_as_percentages_are_reported(folder, measure, values, is_reported):
    catalog(folder, f"sh,Loans,,{measure}")
    folder.put(column("sh", values))
    found = notes(folder.run())
    assert ["Is it a percentage?" in note for note in found] == [True] * is_reported


def test_sheets_in_different_units_are_reported(folder):
    folder.put(column("gdp", [35, 36, 17]))
    folder.put(column("gdp", [350000, 380000, 190000], 2020), "b.csv")
    assert "b.csv are about 1.1e+04 times those of a.csv" in notes(folder.run())[0]
