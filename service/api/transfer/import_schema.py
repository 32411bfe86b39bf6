"""The bodies of an import in the OpenAPI document."""

from __future__ import annotations

from typing import Any

from service.api.http.addresses import IMPORT
from service.api.http.request_body import component_schemas, describe_body, schema_reference
from service.schemas.network_file import NetworkFile

# The network 2 x + 1, in a file written by hand.
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
IMPORT_BODY = describe_body(IMPORT, schema_reference(NetworkFile))


def network_schemas() -> dict[str, Any]:
    """The schema of a network as JSON, and of its parts under names that no other resource's schema has."""
    schemas = component_schemas(NetworkFile, "NetworkFile.")
    schemas["NetworkFile"]["examples"] = [LINE]
    return schemas
