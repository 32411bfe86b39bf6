"""The fast path of a plain prediction: from the bytes of its request to those of its response, past the middleware.

Only the commonest request takes it, and its response is the one the middleware would give; everything else is passed
on. What a request must look like is in `request_heads.py`. Start with `micro_batches.py`.
"""
