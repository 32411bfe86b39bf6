"""How the values of one feature are written in texts: the part of a column's reading that its encoder keeps."""

from dataclasses import dataclass, field

from models.specification import ColumnOverride
from models.specification.json_codec import LEFT_OUT_WHEN_NONE
from models.specification.recipe import DecimalSign, ThousandsSign


@dataclass(frozen=True, slots=True, kw_only=True)
class TextForm:
    """The signs and the unit of numbers, and the texts of missing values beside the empty one."""

    decimal: DecimalSign | None = field(default=None, metadata=LEFT_OUT_WHEN_NONE)
    thousands: ThousandsSign | None = field(default=None, metadata=LEFT_OUT_WHEN_NONE)
    unit: str | None = field(default=None, metadata=LEFT_OUT_WHEN_NONE)
    missing_values: tuple[str, ...] | None = field(default=None, metadata=LEFT_OUT_WHEN_NONE)

    @classmethod
    def of(cls, reading: ColumnOverride | None) -> "TextForm | None":
        """The form of a reading; None where its values are written plainly."""
        if reading is None or not reading.has_text_form:
            return None
        return cls(
            decimal=reading.decimal,
            thousands=reading.thousands,
            unit=reading.unit,
            missing_values=reading.missing_values,
        )
