"""Names of columns: the words that tables use, and functions that compare names with them."""

import re

from credit_indices.ingest.cell_text import name_and_measure

UNIT_WORDS = {
    "unit", "unit_id", "unit_name", "province", "province_code", "city", "city_code", "county",
    "region", "area", "country", "bank", "地区", "地区名称", "地区代码", "省", "省份", "省市",
    "省级", "市", "城市", "城市代码", "县", "区县", "区域", "行政区", "行政区划", "行政区划代码",
    "名称", "省份代码", "省级行政区", "省份名称", "省名", "省市名称", "城市名称", "城市名", "市名",
    "地级市", "地市", "区县名称", "县名", "行政区名称", "行政区域", "country name", "country_name",
    "country code", "country_code", "economy", "economy name", "economy code", "国家名称",
    "国家代码", "国别",
}  # fmt: skip
YEAR_WORDS = {
    "year", "period", "date", "time", "年", "年份", "年度", "时间", "时期", "日期", "统计年度",
    "统计年份", "数据年份", "数据年度", "会计年度", "报告年份", "报告年度", "所属年份", "所属年度",
}  # fmt: skip
INDICATOR_WORDS = {
    "indicator", "indicator_code", "indicator_name", "variable", "series", "指标", "指标名称",
    "指标代码", "变量", "indicator code", "indicator name", "series_code", "series_name",
    "series code", "series name",
}  # fmt: skip
MEASURE_WORDS = {"单位", "计量单位", "measure", "unit of measure", "uom"}
REMARK_WORDS = {
    "备注", "注", "说明", "来源", "数据来源", "资料来源", "remark", "remarks", "note", "notes",
    "source", "comment",
}  # fmt: skip
SCALE_WORDS = {
    "scale", "powercode", "power code", "power_code", "unit_mult", "unit mult", "unit multiplier",
    "multiplier", "currency", "currency code", "倍数", "量级", "数量级", "币种", "货币", "货币单位",
}  # fmt: skip
COARSER_WORDS = {
    "region", "country", "国家", "区域", "地带", "大区", "经济区", "板块", "continent", "subregion",
    "sub region", "income group", "incomegroup", "income level", "lending category",
}  # fmt: skip
NAME_WORDS = {
    "简称", "省会", "拼音", "代码", "abbr", "abbreviation", "short name", "iso", "iso3", "iso code",
    "code", "pinyin", "country code", "country name", "region code", "database", "数据库",
}  # fmt: skip
_UNIT_NAME = re.compile(
    r"(?:(?P<of>[^ ]+?) ?)?(?P<what>iso ?(?:alpha ?)?-?[23]?c?(?: ?code)?|alpha ?-?[23](?: ?code)?"
    r"|code|name|abbr(?:eviation)?)(?: [(]?(?:en|english|zh|chinese)[)]?)?"
)
SERIAL_WORDS = {
    "", "序号", "编号", "no", "no.", "#", "id", "index", "row", "index level 0", "unnamed: 0",
}  # fmt: skip
VALUE_WORDS = {"value", "figure", "amount", "数值", "值", "指标值", "数据"}


def is_called(words: set[str], name: str) -> bool:
    """Return whether the name of a column is one of the words, `地区(省)` included."""
    return name in words or name_and_measure(name)[0] in words


def names_units(name: str) -> bool:
    """Return whether a column is named as other names or codes of the units: country iso3."""
    if is_called(NAME_WORDS, name):
        return True
    match = _UNIT_NAME.fullmatch(name.replace("_", " "))
    if match is None:
        return False
    return match["of"] in UNIT_WORDS if match["of"] else match["what"][:3] in ("iso", "alp")


def columns_called(words: set[str], names: list[str]) -> list[int]:
    """Return the columns named by one of the words, `地区(省)` included."""
    return [column for column, name in enumerate(names) if is_called(words, name)]
