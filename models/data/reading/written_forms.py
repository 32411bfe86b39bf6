"""How the values of a feature are written: in words for schemas and errors, and in examples."""

from models.data.date_formats import takes_iso_as_well
from models.data.reading.numbers import EXAMPLE_NUMBER, NumberForm
from models.data.reading.text_column import number_form
from models.data.signature import FeatureSignature


def form_of_numbers(feature: FeatureSignature) -> NumberForm | None:
    """The form of the feature's numbers; None where they are plain, or where it has none."""
    reading = feature.reading
    return number_form(reading) if feature.type == "number" and reading.has_number_form else None


def written_example(feature: FeatureSignature, value: float) -> float | str:
    """A number of the feature as its table has it: a text where it is written in a form of its own."""
    form = form_of_numbers(feature)
    return value if form is None else form.written(value)


def expected_value(feature: FeatureSignature) -> str:
    """What a value of the feature should be, for an error message."""
    if feature.type == "number":
        form = form_of_numbers(feature)
        return "a valid number" if form is None else f"a number, written like {form.written(EXAMPLE_NUMBER)}"
    if feature.type == "date":
        return f"a date in {date_form(feature.format)}"
    return "true or false" if feature.type == "boolean" else "text"


def date_form(date_format: str | None) -> str:
    """The form of dates, in words."""
    if date_format is None:
        return "ISO 8601"
    return f"the format {date_format!r}{' or ISO 8601' if takes_iso_as_well(date_format) else ''}"


def form_description(feature: FeatureSignature) -> str:
    """Sentences about the feature's texts, for a schema; empty where there is nothing to say."""
    form = form_of_numbers(feature)
    sentences = [] if form is None else [f"Numbers are written like {form.written(EXAMPLE_NUMBER)}."]
    tokens = [token for token in feature.missing_values or () if token]
    if tokens:
        sentences.append(f"These texts stand for a missing value: {', '.join(tokens[:20])}.")
    return " ".join(sentences)
