"""DDF data points, as Gapminder and Open Numbers publish them: `country,year,ic_crd_prvt_zs`.

The name of the file names its columns: `ddf--datapoints--<concepts>--by--<keys>.csv`. Codes are in
small letters with underscores. Files made from the World Development Indicators have the World
Bank's aggregates.
"""

import re
from pathlib import PurePosixPath

from credit_indices.ingest.cell_text import name_key
from credit_indices.ingest.exports.export import Export, Named
from credit_indices.ingest.exports.world_bank import aggregates
from credit_indices.ingest.sheets import Sheet

GEO, TIME = {"geo", "country", "global", "economy"}, {"time", "year"}
_FILE = re.compile(r"ddf--datapoints--(?P<concepts>.+?)--by--(?P<keys>.+)")


def data_points(sheet: Sheet) -> Export | None:
    """Recognise a file of data points by country and year."""
    match = _FILE.fullmatch(PurePosixPath(sheet.file).stem)
    if match is None or not sheet.rows:
        return None
    names = [name_key(text) for text in sheet.rows[0]]
    keys = match["keys"].split("--")
    concepts = [name for name in names if name not in keys]
    if (
        sorted(names) != sorted({*keys, *match["concepts"].split("--")})
        or len(keys) != 2
        or len(GEO & {*keys}) != 1
        or len(TIME & {*keys}) != 1
    ):
        return None
    (geo,), (time,) = GEO & {*keys}, TIME & {*keys}
    return Export(
        "wide",
        0,
        (names.index(geo),),
        year=names.index(time),
        series={names.index(name): Named((name,)) for name in concepts},
        aggregates=aggregates(),
    )


FORMATS = {"ddf": data_points}
