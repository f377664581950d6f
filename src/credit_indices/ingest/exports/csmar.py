"""Exports of CSMAR: three rows of headers - codes, labels, units of measurement - and the records.

`Stkcd, Accper, Typrep, A001` / `证券代码, 会计期间, 报表类型, 资产总计` / `没有单位, ..., 元`.
Downloads without the row of units are recognised by the codes of company and period.
"""

import re

from credit_indices.ingest.cell_text import is_numeric, name_key
from credit_indices.ingest.column_names import UNIT_WORDS, YEAR_WORDS
from credit_indices.ingest.exports.export import Export, Named
from credit_indices.ingest.exports.statistics import NO_ROW_OF_UNITS, NO_UNIT
from credit_indices.ingest.sheets import Sheet, column_letters

_CODE = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_UNITS = {"证券代码", "股票代码", "公司代码", "上市公司代码", "银行代码", "机构代码", *UNIT_WORDS}
_NAMES = {"证券简称", "股票简称", "公司简称", "银行简称", "机构简称", "证券名称", "公司名称"}
_PERIODS = {"会计期间", "统计截止日期", "截止日期", "会计期间截止日", *YEAR_WORDS}
_KEYS = ({"stkcd", "symbol"}, {"accper", "enddate", "enddt", "reptdt"})
_REPORTS = {"报表类型", "报表类型编码", "数据来源"}


def records(sheet: Sheet) -> Export | None:
    """Recognise a table of CSMAR."""
    if len(sheet.rows) < 3:
        return None
    codes, labels, third = ([text.strip() for text in sheet.rows[row]] for row in range(3))
    has_units = NO_UNIT in third and not any(map(is_numeric, third))
    is_known = all(key & {name_key(code) for code in codes} for key in _KEYS)
    if (
        not (has_units or is_known)
        or not all(map(_CODE.fullmatch, codes))
        or len(labels) != len(codes)
        or any(not text or is_numeric(text) for text in labels)
    ):
        return None
    names = [{name_key(code), name_key(label)} for code, label in zip(codes, labels, strict=True)]
    units = [c for c, found in enumerate(names) if found & (_UNITS | _KEYS[0])]
    periods = [c for c, found in enumerate(names) if found & (_PERIODS | _KEYS[1])]
    if not units or len(periods) != 1:
        return None
    beside = {c for c, text in enumerate(labels) if text in _NAMES}
    reports, ambiguities = [c for c, text in enumerate(labels) if text in _REPORTS], []
    first = 3 if has_units else 2
    for column in reports:
        found = {sheet.text(row, column).strip() for row in range(first, len(sheet.rows))}
        if len(found - {""}) > 1:
            ambiguities.append(
                f"column {column_letters(column)} {labels[column]} has several values "
                f"({', '.join(sorted(found)[:4])}); keep the rows of one of them"
            )
    series = {}
    for column, code in enumerate(codes):
        if column not in {*units, *periods, *beside, *reports}:
            measure = third[column] if has_units and column < len(third) else ""
            measure = measure if has_units else NO_ROW_OF_UNITS
            series[column] = Named((code, labels[column]), measure, is_in_name=False)
    return Export(
        "wide",
        0,
        tuple(units),
        year=periods[0],
        lines=frozenset(range(1, first)),
        unit_names=tuple(sorted(beside)),
        columns=frozenset({*beside, *reports}),
        series=series,
        ambiguities=tuple(ambiguities),
    )


FORMATS = {"csmar": records}
