"""The bodies of an import as the OpenAPI document describes them."""

from __future__ import annotations

from typing import Any

from service.schemas.network_file import NetworkFile

NAME = "NetworkFile"
PARTS = NAME + "."  # so that no part takes the name of another resource's schema
BINARY = {"schema": {"type": "string", "format": "binary"}}
# 2 x + 1, in a file that was written by hand.
LINE: dict[str, Any] = {
    "form": 1,
    "network": {"hidden": [], "output": "linear", "dtype": "float64"},
    "preprocessing": [
        {
            "type": "number",
            "name": "x",
            "shift": 0.0,
            "scale": 1.0,
            "fill": 0.0,
            "nullable": False,
            "minimum": None,
            "maximum": None,
        }
    ],
    "target": {"task": "regression", "names": ["y"], "shift": [0.0], "scale": [1.0]},
    "signature": {
        "features": [{"name": "x", "type": "number", "nullable": False}],
        "outputs": [{"name": "y", "type": "number"}],
    },
    "calibration": None,
    "tensors": {"output.weight": [[2.0]], "output.bias": [1.0], "preprocessing.baseline": [0.0]},
}
IMPORT_BODY: dict[str, Any] = {
    "required": True,
    "content": {
        "application/zip": BINARY,
        "application/vnd.safetensors": BINARY,
        "application/json": {"schema": {"$ref": f"#/components/schemas/{NAME}"}},
        "application/octet-stream": BINARY,
    },
}


def network_schemas() -> dict[str, Any]:
    """The schema of a network as JSON, and of its parts."""
    schema = NetworkFile.model_json_schema(ref_template=f"#/components/schemas/{PARTS}{{model}}")
    parts = schema.pop("$defs")
    schema["examples"] = [LINE]
    return {NAME: schema} | {f"{PARTS}{name}": part for name, part in parts.items()}
