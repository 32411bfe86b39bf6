"""Every warning that a caller may see: a code that programs compare, and a message that people read.

`docs/reference/warnings.md` is made from the codes here by `make warnings-page`.
"""

from dataclasses import dataclass
from enum import StrEnum


class Subject(StrEnum):
    """Where a warning is reported, which decides its JSON form."""

    TRAINING = "A training: `warnings` of its job and of its version"
    DATASET = "A dataset: `warnings` of its profile"
    INPUT = "The input of a prediction: `warnings` beside the predictions"


class WarningCode(StrEnum):
    """All codes: each with where it is reported and what it means."""

    subjects: tuple[Subject, ...]
    meaning: str

    def __new__(cls, code: str, meaning: str, *subjects: Subject) -> "WarningCode":
        member = str.__new__(cls, code)
        member._value_, member.meaning, member.subjects = code, meaning, subjects
        return member

    EMPTY_COLUMN = "empty-column", "The column has no value in any row.", Subject.TRAINING
    NEARLY_EMPTY_COLUMN = "nearly-empty-column", "The column has a value in at most 5 % of the rows.", Subject.TRAINING
    CONSTANT_COLUMN = "constant-column", "The column has the same value in every row.", Subject.TRAINING
    IDENTIFIER = (
        "identifier",
        "The column has a different value in every row, such as a number or a name of the row.",
        Subject.TRAINING,
    )
    TOO_MANY_CATEGORIES = (
        "too-many-categories",
        "The text column has more different values than can be one-hot encoded, and was left out.",
        Subject.TRAINING,
    )
    DATES_AS_TEXT = "dates-as-text", "The column holds dates, but is read as text.", Subject.TRAINING
    DATE_FORMAT = (
        "date-format",
        "The column is read as dates in the format that the message names.",
        Subject.TRAINING,
        Subject.DATASET,
    )
    AMBIGUOUS_DATE = (
        "ambiguous-date",
        "The column holds dates that can be read in several ways, such as `01/02/2024`, and was left out.",
        Subject.TRAINING,
        Subject.DATASET,
    )
    NUMBERS_AS_TEXT = (
        "numbers-as-text",
        "The column holds numbers written for people, such as `1.234,5` or `$20`; the message says how it is read.",
        Subject.TRAINING,
        Subject.DATASET,
    )
    MISSING_TOKEN = (
        "missing-token",
        "A text such as `?` or `N/A` among the column's values is read as a missing value.",
        Subject.TRAINING,
        Subject.DATASET,
    )
    CODES = (
        "codes",
        "The column holds codes: whole numbers beyond 2^53 or with leading zeros, which are read as text, or numbers "
        "such as `1E3`, which may be meant as text.",
        Subject.TRAINING,
        Subject.DATASET,
    )
    INDEX_COLUMN = (
        "index-column",
        "The column has no name, or was stored as the index of the rows, and was left out.",
        Subject.TRAINING,
        Subject.DATASET,
    )
    LEAKAGE = (
        "leakage",
        "The feature equals the label, predicts it in every row, or is missing exactly where the label has one value, "
        "so it may have been recorded after the label.",
        Subject.TRAINING,
    )
    DUPLICATE_ROWS = (
        "duplicate-rows",
        "At least 1 % of the rows repeat another row; the message says how many held-out rows were also trained on.",
        Subject.TRAINING,
    )
    MISSING_LABELS = "missing-labels", "Rows without a label were left out.", Subject.TRAINING
    RARE_CLASS = "rare-class", "A class has fewer than 5 rows.", Subject.TRAINING
    IMBALANCED_CLASSES = (
        "imbalanced-classes",
        "The largest class has over 20 times as many rows as the smallest.",
        Subject.TRAINING,
    )
    FEW_ROWS = "few-rows", "There are fewer than 50 rows to train on.", Subject.TRAINING
    NOT_SCALED = (
        "not-scaled",
        "The `scaling` of the request lets the column enter the network far from the scale of 1, so training may fail.",
        Subject.TRAINING,
    )
    FAILED_TRIALS = "failed-trials", "Some trials of a search could not be trained; each says why.", Subject.TRAINING
    SMALL_SPACE = "small-space", "The search space has fewer settings than trials were requested.", Subject.TRAINING
    EXAMINED_IN_PART = (
        "examined-in-part",
        "The data is large, so only its first rows were checked before the job was queued; the job checks the rest.",
        Subject.TRAINING,
    )
    BITS_NOT_GUARANTEED = (
        "bits-not-guaranteed",
        "The environment changed between two attempts of a job, so the weights may differ in their last bits.",
        Subject.TRAINING,
    )
    MIXED_COLUMN = "mixed-column", "The column holds both numbers and text.", Subject.DATASET
    INFINITE = "infinite", "The column holds infinite numbers, or numbers too large for float64.", Subject.DATASET
    ONE_COLUMN = "one-column", "A CSV file has one column; it may use another separator.", Subject.DATASET
    ENCODING = "encoding", "A CSV file is not UTF-8; check letters with accents.", Subject.DATASET
    OUTSIDE_RANGE = "outside-range", "The number is outside the range seen in training.", Subject.INPUT
    UNSEEN_CATEGORY = "unseen-category", "The category was never seen in training.", Subject.INPUT
    MISSING_FILLED = (
        "missing-filled",
        "The value is missing, and was filled in by the rule fitted in training.",
        Subject.INPUT,
    )


@dataclass(frozen=True, slots=True)
class CodedWarning:
    """A warning. `column` and `row` are None where it concerns the whole data, or the whole column."""

    code: WarningCode
    message: str
    column: str | None = None
    row: int | None = None

    def for_training(self) -> dict[str, str | None]:
        """The JSON form in a job and a version."""
        return {"code": self.code.value, "message": self.message, "column": self.column}

    def for_dataset(self) -> dict[str, str]:
        """The JSON form in the profile of a dataset."""
        return {"code": self.code.value, "message": self.message}

    def for_input(self) -> dict[str, str | int | None]:
        """The JSON form beside predictions."""
        return {"code": self.code.value, "row": self.row, "feature": self.column, "message": self.message}
