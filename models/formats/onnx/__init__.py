"""A trained network as an ONNX model with its preprocessing inside: raw values in, predictions out.

Only the trained network and the `onnx` package are used. Start with `export.py`; `features.py` encodes the inputs,
`layers.py` is the network, `outputs.py` the predictions.
"""

from models.formats.onnx.export import dumps

__all__ = ["dumps"]
