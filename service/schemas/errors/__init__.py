"""Pydantic's errors as problems: where, which kind, what to do; never the input itself.

No schema lives here. Start at `validation.py`; `specification.py` adds the errors of a training's specification.
"""
