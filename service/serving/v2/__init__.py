"""The Open Inference Protocol (V2): tensors in, tensors out, as JSON or with binary tails.

Bytes and numbers only: `service/api/v2.py` speaks HTTP. The way of an inference is `requests.py`, `inputs.py`,
`outputs.py`, `responses.py`; `metadata.py`, `repository.py` and `statistics.py` tell of the server and its models.
"""
