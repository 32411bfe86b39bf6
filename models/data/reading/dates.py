"""Which written form the dates of a column have, where the column itself leaves one reading."""

from collections.abc import Collection, Sequence
from datetime import datetime
from itertools import islice, product

_DAY_ORDERS = ("%d{0}%m{0}%Y", "%m{0}%d{0}%Y", "%Y{0}%m{0}%d", "%d{0}%m{0}%y", "%m{0}%d{0}%y")
_SEPARATORS = ("/", ".", "-", " ")
_WITH_MONTH_NAMES = (
    *("%d{0}%b{0}%Y", "%d{0}%B{0}%Y", "%d{0}%b{0}%y", "%Y{0}%b{0}%d", "%b{0}%d{0}%Y", "%B{0}%d{0}%Y"),
    *("%b{0}%Y", "%B{0}%Y"),
)
_WITH_COMMAS = ("%b %d, %Y", "%B %d, %Y", "%a, %d %b %Y", "%A, %d %B %Y", "%A, %B %d, %Y", "%a %d %b %Y", "%d. %B %Y")
_TIMES = (
    "",
    " %H:%M",
    " %H:%M:%S",
    " %H:%M:%S.%f",
    " %I:%M %p",
    " %I:%M:%S %p",
    "T%H:%M:%S",
    ", %H:%M",
    " %H:%M:%S %z",
)
_DAYS = (
    *(order.format(separator) for order, separator in product(_DAY_ORDERS, _SEPARATORS)),
    *(order.format(separator) for order, separator in product(_WITH_MONTH_NAMES, (" ", "-", "/"))),
    *_WITH_COMMAS,
    *("%m/%Y", "%Y-%m", "%Y/%m"),
)
DATE_FORMATS: tuple[str, ...] = tuple(day + time for day, time in product(_DAYS, _TIMES) if day != "%Y-%m-%d")
# So few texts rule out nearly every format; only what is left reads the whole column.
_FIRST_TEXTS = 50


def find_date_formats(texts: Collection[str]) -> list[str]:
    """The formats of strptime in which all texts are dates, of those that mean different days the likelier first."""
    formats: Sequence[str] = DATE_FORMATS
    if not all(_may_be_date(text) for text in islice(texts, _FIRST_TEXTS)):
        return []
    for group in (list(islice(texts, 1)), list(islice(texts, _FIRST_TEXTS)), texts):
        formats = [date_format for date_format in formats if all(_moment(text, date_format) for text in group)]
    return _of_different_days(texts, formats)


def _may_be_date(text: str) -> bool:
    return 6 <= len(text.strip()) <= 40 and sum(map(str.isdigit, text)) >= 4


def _of_different_days(texts: Collection[str], formats: Sequence[str]) -> list[str]:
    """One format for each way to read the texts."""
    readings: dict[tuple[datetime | None, ...], str] = {}
    for date_format in formats:
        readings.setdefault(tuple(_moment(text, date_format) for text in texts), date_format)
    return list(readings.values())


def _moment(text: str, date_format: str) -> datetime | None:
    try:
        return datetime.strptime(text.strip(), date_format)
    except ValueError:
        return None
