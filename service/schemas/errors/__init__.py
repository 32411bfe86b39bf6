"""The errors that pydantic finds, as problems: where, which kind, what to do; never the input itself.

No schema lives here. Start at `validation.py`; `specification.py` adds what the specification of a training needs.
"""
