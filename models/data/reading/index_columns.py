"""Columns that only name the rows: pandas and R write them into files, and no network should learn from them."""

import re

from models.coded_warnings import CodedWarning, WarningCode
from models.data.columns import Column

# Names under which a row may bring an index along: none, as pandas reads such a column, and as it writes its own.
INDEX_NAMES = ("", "Unnamed: 0", "Unnamed: 0.1", "__index_level_0__", "__index_level_1__", "__index_level_2__")
# What pandas calls a column that stands in a file as an index without a name.
_ONLY_OF_AN_INDEX = re.compile(r"__index_level_\d+__|Unnamed: 0(?:\.\d+)?")


def is_index_name(name: str) -> bool:
    """Whether only an index has this name."""
    return _ONLY_OF_AN_INDEX.fullmatch(name) is not None


def index_warning(column: Column) -> CodedWarning:
    """What was left out of the features, and how to use it."""
    name = column.name
    if column.missing.all():
        message = f"{name!r} has neither a name in the file nor a value, and was left out."
    else:
        message = (
            f"{name!r} is an index: it has no name in the file, or is stored as its index. It was left out; to use it, "
            f"name it {name!r} in features."
        )
    return CodedWarning(WarningCode.INDEX_COLUMN, message, name)
