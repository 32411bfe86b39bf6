"""Numbers as people write them: decimal commas, thousands in groups, a currency, a percent sign or a unit."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property

from models.specification.recipe import DecimalSign, ThousandsSign

MINUS = "\N{MINUS SIGN}"
SPACES = " \u00a0\u202f\u2009"
CURRENCIES = ("USD", "EUR", "GBP", "CHF", "JPY", "CNY", "INR", "CAD", "AUD", "SEK", "NOK", "DKK", "PLN", "BRL")
# Letters behind a number are a unit where a space stands between them, or where everybody knows the unit.
UNITS: tuple[str, ...] = (
    "kg",
    "g",
    "mg",
    "t",
    "lb",
    "lbs",
    "oz",
    "km",
    "m",
    "cm",
    "mm",
    "ft",
    "in",
    "mi",
    "l",
    "ml",
    "h",
    "min",
    "s",
)
UNITS += ("ms", "Hz", "kHz", "MHz", "GHz", "W", "kW", "kWh", "V", "A", "°C", "°F", "K", "kB", "MB", "GB", "TB")
_SYMBOLS_BEFORE = frozenset("$£¥₹")
_SIGN = rf"[+\-{MINUS}]?"
_BODY = rf"\d[\d.,'’{SPACES}]*|[.,]\d+"
_SYMBOL = r"[%‰$€£¥₹°]"
_PREFIX = rf"{_SYMBOL}|(?:{'|'.join(CURRENCIES)})"
_SUFFIX = (
    rf"{_SYMBOL}|(?:{'|'.join(sorted((*CURRENCIES, *UNITS), key=len, reverse=True))})|(?<=[{SPACES}])[^\W\d_]{{1,12}}"
)
_WRITTEN = re.compile(
    rf"(?P<sign>{_SIGN})(?:(?P<prefix>{_PREFIX})[{SPACES}]?)?(?P<inner>{_SIGN})(?P<body>{_BODY}?)"
    rf"[{SPACES}]*(?P<suffix>{_SUFFIX})?"
)
_PLAIN = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?")


@dataclass(frozen=True)
class NumberForm:
    """How the numbers of one column are written; `unit` stands before or behind each of them."""

    decimal: DecimalSign = "."
    thousands: ThousandsSign | None = None
    unit: str | None = None

    def number(self, text: str) -> float | None:
        """The number that a text of this form means; None for any other text. A plain number is one too."""
        body = self._without_unit(text.strip().replace(MINUS, "-"))
        if self._pattern.fullmatch(body):
            return float(body.translate(self._to_plain))
        return float(body) if _PLAIN.fullmatch(body) and self._takes_plain(body) else None

    def written(self, value: float) -> str:
        """A number as a text of this form."""
        whole, _, fraction = f"{Decimal(repr(abs(value))):,f}".partition(".")
        fraction = fraction.rstrip("0")
        digits = whole.replace(",", self.thousands or "") + (self.decimal + fraction if fraction else "")
        sign = "-" if value < 0 else ""
        if self.unit is None:
            return sign + digits
        is_before = self.unit in _SYMBOLS_BEFORE
        return f"{sign}{self.unit}{digits}" if is_before else f"{sign}{digits} {self.unit}"

    def _without_unit(self, text: str) -> str:
        if self.unit is None:
            return text
        sign = text[:1] if text[:1] in "+-" else ""
        return sign + text[len(sign) :].removeprefix(self.unit).removesuffix(self.unit).strip()

    def _takes_plain(self, body: str) -> bool:
        """Whether a plain number can't be one of this form that means another."""
        return "." not in body or self.decimal == "."

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        groups = ""
        if self.thousands is not None:
            separator = f"[{SPACES}]" if self.thousands == " " else re.escape(self.thousands)
            groups = rf"[1-9]\d{{0,2}}(?:{separator}\d{{3}})+|"
        return re.compile(rf"[+-]?(?:(?:{groups}\d+)(?:{re.escape(self.decimal)}\d+)?|{re.escape(self.decimal)}\d+)")

    @cached_property
    def _to_plain(self) -> dict[int, str | None]:
        separators = SPACES if self.thousands == " " else self.thousands or ""
        return {ord(separator): None for separator in separators} | {ord(self.decimal): "."}


PLAIN = NumberForm()
EXAMPLE_NUMBER = 1234.5
# In the order in which they are tried: what an English reader would take `1,234` for comes first.
_Signs = tuple[tuple[DecimalSign, ThousandsSign | None], ...]
_WITH_POINT: _Signs = ((".", ","), (".", " "), (".", "'"), (".", "’"))
_WITH_COMMA: _Signs = ((",", None), (",", "."), (",", " "), (",", "'"), (",", "’"))
_SEPARATORS: _Signs = ((".", None), *_WITH_POINT, *_WITH_COMMA)
_WITH_DECIMAL_COMMA_FIRST: _Signs = ((".", None), *_WITH_COMMA, *_WITH_POINT)


def is_plain_number(text: str) -> bool:
    """Whether a text is a number to a program: `1e3` and `-.5` are, `1_000` and `inf` are not."""
    return _PLAIN.fullmatch(text.strip()) is not None


def looks_like_number(text: str) -> bool:
    """Whether a text is a number to people, in whatever form."""
    return is_plain_number(text) or _WRITTEN.fullmatch(text.strip()) is not None


def find_number_form(texts: Collection[str], comma_is_decimal: bool = False) -> NumberForm | None:
    """The one form in which all texts are written; None where there is none.

    `1,234` alone may be a thousand or a decimal: it is a thousand, or a decimal where `comma_is_decimal`.
    """
    unit = _unit(texts)
    if unit is None:
        return None
    separators = _WITH_DECIMAL_COMMA_FIRST if comma_is_decimal else _SEPARATORS
    forms = (NumberForm(decimal, thousands, unit or None) for decimal, thousands in separators)
    return next((form for form in forms if all(form.number(text) is not None for text in texts)), None)


def _unit(texts: Collection[str]) -> str | None:
    """The unit that all texts have, "" where none has one; None where they differ or some text is no number."""
    units: set[str] = set()
    for text in texts:
        found = _WRITTEN.fullmatch(text.strip())
        if found is None and not is_plain_number(text):
            return None
        units.add("" if found is None else (found["prefix"] or "") + (found["suffix"] or ""))
        if len(units) > 1:
            return None
    return units.pop() if units else None
