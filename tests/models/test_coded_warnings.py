"""A warning has one form in a job and a version, one in a dataset, and one beside predictions."""

from models.coded_warnings import CodedWarning, WarningCode


def test_each_place_has_its_own_form():
    warning = CodedWarning(WarningCode.OUTSIDE_RANGE, "too large", "age", 3)
    assert warning.for_training() == {"code": "outside-range", "message": "too large", "column": "age"}
    assert warning.for_dataset() == {"code": "outside-range", "message": "too large"}
    assert warning.for_input() == {"code": "outside-range", "row": 3, "feature": "age", "message": "too large"}


def test_every_code_is_a_word_with_a_meaning_and_a_place():
    for code in WarningCode:
        assert code.value == code.name.lower().replace("_", "-") or code is WarningCode.EXAMINED_IN_PART
        assert code.meaning.endswith(".")
        assert code.subjects
