"""A trained network without its tensors, as canonical JSON; and the check that joins such a description and tensors."""

import json
import math
from collections.abc import Mapping
from typing import Any, NoReturn

import numpy as np

from models.arrays import Array
from models.data.features import Preprocessing
from models.data.signature import Signature
from models.data.targets import target_from_json, target_to_json
from models.errors import BadFile, BadRecipe, shorten
from models.inference.calibration import Calibration
from models.inference.trained_network import TrainedNetwork
from models.network.network import Network, n_elements, tensor_shapes
from models.specification import NetworkSpecification
from models.specification.json_codec import from_json, to_json

BASELINE = "preprocessing.baseline"
FORM = 1
FIELDS = {"form", "network", "preprocessing", "target", "signature", "calibration"}


def describe(trained: TrainedNetwork) -> dict[str, object]:
    """The description as plain JSON values: a pure function of the trained network."""
    return {
        "form": FORM,
        "network": to_json(trained.specification),
        "preprocessing": trained.preprocessing.to_json(),
        "target": target_to_json(trained.target),
        "signature": trained.signature.to_json(),
        "calibration": to_json(trained.calibration),
    }


def tensors_of(trained: TrainedNetwork) -> dict[str, Array]:
    """Every array by its name, in name order, all of the network's dtype."""
    network = trained.network
    tensors = {**network.tensors, **network.buffers, BASELINE: trained.baseline}
    return {name: np.ascontiguousarray(tensors[name]) for name in sorted(tensors)}


def canonical_json(value: object) -> str:
    """The canonical text of a value: keys sorted, no spaces, ASCII, numbers as short as they read back the same."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False)


def read_json(text: str | bytes) -> Any:
    """A value from JSON without NaN or Infinity. Raises BadFile for any other text, and for very deep nesting."""
    try:
        return json.loads(text, parse_constant=_refuse, parse_float=_finite)
    except (ValueError, RecursionError) as fault:
        raise BadFile("the description of the network is not JSON; the file is cut or changed") from fault


def assemble(description: object, tensors: Mapping[str, Array], size_limit: int) -> TrainedNetwork:
    """The trained network of a description and tensors, as `describe` and `tensors_of` return them.

    Raises BadFile where anything is missing, left over, of another shape, or not a finite number. `size_limit` is the
    size of the file in bytes: no larger network is built.
    """
    try:
        return _assemble(description, tensors, size_limit)
    except (BadRecipe, ValueError, TypeError, KeyError, OverflowError, RecursionError) as fault:
        place = ".".join(map(str, fault.location)) if isinstance(fault, BadRecipe) else ""
        raise BadFile(f"the file does not describe a network: {place} {fault}"[:500]) from fault


def _assemble(description: object, tensors: Mapping[str, Array], size_limit: int) -> TrainedNetwork:
    if not isinstance(description, dict) or description.get("form") != FORM:
        raise BadFile("this is no network in a form that this version reads")
    _require_names(set(description), FIELDS, "fields")
    specification = from_json(NetworkSpecification, description["network"], ["network"])
    assert isinstance(specification, NetworkSpecification)
    preprocessing = Preprocessing.from_json(description["preprocessing"])
    target = target_from_json(description["target"])
    _require_room(specification, preprocessing.n_inputs, target.n_outputs, size_limit)
    network = Network(specification, preprocessing.n_inputs, target.n_outputs)
    baseline = np.zeros(preprocessing.n_inputs, specification.dtype)
    signature = Signature.from_json(description["signature"])
    calibration = _calibration(description["calibration"])
    trained = TrainedNetwork(network, preprocessing, target, baseline, calibration, signature.ignored)
    if trained.signature != signature:
        raise BadFile("the signature is not that of the features and labels")
    _fill(tensors_of_network(trained), tensors)
    return trained


def _calibration(value: object) -> Calibration | None:
    if value is None:
        return None
    calibration = from_json(Calibration, value, ["calibration"])
    assert isinstance(calibration, Calibration)
    return calibration


def tensors_of_network(trained: TrainedNetwork) -> dict[str, Array]:
    """Every array of the network by its name; the arrays themselves, not copies."""
    return {**trained.network.tensors, **trained.network.buffers, BASELINE: trained.baseline}


def _require_room(specification: NetworkSpecification, n_inputs: int, n_outputs: int, size_limit: int) -> None:
    needed = n_elements(tensor_shapes(specification, n_inputs, n_outputs)) * np.dtype(specification.dtype).itemsize
    if needed > size_limit:
        raise BadFile(f"the network described has {needed} bytes of weights, more than the whole file")


def _fill(places: Mapping[str, Array], tensors: Mapping[str, Array]) -> None:
    _require_names(set(tensors), set(places), "tensors")
    for name, place in places.items():
        tensor = tensors[name]
        if tensor.shape != place.shape or tensor.dtype != place.dtype:
            expected = f"{place.dtype} of shape {place.shape}"
            raise BadFile(f"tensor {name!r} is {tensor.dtype} of shape {tensor.shape}, not {expected}")
        if not np.isfinite(tensor).all():
            raise BadFile(f"tensor {name!r} contains values that are not finite")
        place[...] = tensor


def _require_names(names: set[str], expected: set[str], what: str) -> None:
    if names != expected:
        different = sorted(names ^ expected, key=str)
        raise BadFile(
            f"the file has not exactly the {what} of its network: {shorten(different[0])} is extra or missing"
        )


def _finite(text: str) -> float:
    number = float(text)
    return number if math.isfinite(number) else _refuse(text)


def _refuse(text: str) -> NoReturn:
    raise ValueError(f"{text} is not a number in JSON")
