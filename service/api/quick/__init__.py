"""The short way of a plain prediction: from the bytes of its connection to the bytes of its answer, past the layers.

Nothing but the commonest request takes it, and its answer is what the layers would give; whatever is not beyond doubt
is passed on to them. What must hold here belongs to `heads.py`. Start with `predictions.py`.
"""
