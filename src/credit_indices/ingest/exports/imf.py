"""The IMF's World Economic Outlook database: a row per country and subject, the years across.

As downloaded "by countries" (`WEO Country Code, ISO, WEO Subject Code, Country, Subject Descriptor,
Subject Notes, Units, Scale, Country/Series-specific Notes, 1980, ..., Estimates Start After`),
delimited by tabs, UTF-16 or Latin-1, `n/a` and `--` for missing, and a last line that names the
source. Values of years after `Estimates Start After` are projections.
"""

from functools import partial

from credit_indices.ingest.cell_text import is_year, name_key
from credit_indices.ingest.exports.export import Export, Named, headers
from credit_indices.ingest.exports.sdmx import last_actual
from credit_indices.ingest.exports.statistics import power_of
from credit_indices.ingest.sheets import Sheet

_BESIDE = (
    "weo country code", "weo country group code", "subject notes", "country/series-specific notes",
    "series-specific notes", "estimates start after",
)  # fmt: skip


def outlook(sheet: Sheet) -> Export | None:
    """Recognise a table of the World Economic Outlook."""
    for row, names in headers(sheet):
        place = {name: column for column, name in reversed([*enumerate(names)])}
        subjects = [place[n] for n in ("weo subject code", "subject descriptor") if n in place]
        units = [place[n] for n in ("iso", "country", "country group name") if n in place]
        if "weo subject code" not in place or not units or not any(map(is_year, names)):
            continue
        start = place.get("estimates start after")
        return Export(
            "years_across",
            row,
            tuple(units),
            tuple(subjects),
            measure=place.get("units"),
            scale=place.get("scale"),
            columns=frozenset(place[name] for name in _BESIDE if name in place),
            lines=frozenset(
                r for r in range(row + 1, len(sheet.rows)) if _names_source(sheet.rows[r])
            ),
            default_indicator=subjects[0],
            of_row=partial(_named, sheet, place),
            last_actual=None if start is None else partial(_last_actual, sheet, start),
        )
    return None


def _names_source(cells: list[str]) -> bool:
    texts = [text for text in cells if text.strip()]
    return len(texts) == 1 and name_key(texts[0]).startswith("international monetary fund")


def _named(sheet: Sheet, place: dict[str, int], row: int, column: int) -> Named:
    measure = sheet.text(row, place["units"]).strip() if "units" in place else ""
    power = power_of(sheet.text(row, place["scale"])) if "scale" in place else 0
    name = sheet.text(row, column).strip()
    return Named((name,) if name else (), measure, power=power, is_in_name=False)


def _last_actual(sheet: Sheet, column: int, row: int) -> int | None:
    return last_actual(sheet.text(row, column))


FORMATS = {"imf_weo": outlook}
