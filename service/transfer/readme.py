"""The page in an export that explains its files, and how to read them without Feedforward."""

from __future__ import annotations

PAGE = '''\
# {model}, version {version}

A trained neural network with everything known about it, exported by Feedforward.

| file | what it is |
| --- | --- |
| `weights.safetensors` | the network: tensors, and in the metadata `feedforward` its layers, features, labels |
| `version.json` | metrics, the request that trained it, environment, learning curve, what its data are like |
| `card.md` | the same for people: its model card |
| `network.json` | the network again, as JSON (small networks only) |
| `SHA256SUMS` | the checksum of every other file: `sha256sum --check SHA256SUMS` |

Into another server: `curl --data-binary @{model}-{version}.zip -H 'Content-Type: application/zip' \\
http://127.0.0.1:8000/models/{model}/versions`

## Reading it without Feedforward

With `pip install numpy safetensors`, for features that are all numbers without missing values:

```python
import json

import numpy as np
from safetensors import safe_open
from safetensors.numpy import load_file

tensors = load_file("weights.safetensors")
with safe_open("weights.safetensors", "numpy") as file:
    description = json.loads(file.metadata()["feedforward"])
activations = {{
    "linear": lambda z: z,
    "relu": lambda z: np.maximum(z, 0),
    "tanh": np.tanh,
    "sigmoid": lambda z: 1 / (1 + np.exp(-z)),
    "softmax": lambda z: (e := np.exp(z - z.max(1, keepdims=True))) / e.sum(1, keepdims=True),
}}


def predict(rows):
    """Rows of raw values, in the order of description["signature"]["features"]."""
    features, network, target = description["preprocessing"], description["network"], description["target"]
    a = (np.array(rows) - [feature["shift"] for feature in features]) / [feature["scale"] for feature in features]
    hidden, names = len(network["hidden"]), network["activation"]
    names = [names] * hidden if isinstance(names, str) else names
    a = a.astype(network["dtype"])
    for layer in range(hidden):
        a = activations[names[layer]](a @ tensors[f"hidden.{{layer}}.weight"] + tensors[f"hidden.{{layer}}.bias"])
    a = activations[network["output"]](a @ tensors["output.weight"] + tensors["output.bias"])
    return a * target["scale"] + target["shift"] if target["task"] == "regression" else a
```

The order of the classes is that of `description["target"]["classes"]`; a single output for two classes is the
probability of the second. Categories are one-hot in the order of their `levels`; a feature that is `nullable` has one
more input that says whether it was missing, after `fill` replaced it; dates become the scaled day, and a sine and
cosine for each of `cycles`.
'''


def readme(model: str, version: int) -> bytes:
    return PAGE.format(model=model, version=version).encode()
