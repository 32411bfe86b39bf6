"""The Open Inference Protocol (V2): tensors in, tensors out, as JSON or with binary tails.

Bytes and numbers only: HTTP is in `service/api/prediction/open_inference.py`. An inference goes through `requests.py`,
`inputs.py`, `outputs.py` and `responses.py`; `metadata.py`, `repository.py` and `statistics.py` describe the models.
"""
