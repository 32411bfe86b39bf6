"""The kind `reproduce`: train again from the stored request and data, and compare the bytes."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import Any

import numpy as np

from models.formats import safetensors
from models.inference.trained_network import TrainedNetwork
from models.specification import ColumnOverride
from service.jobs.attempt.attempt import JobAttempt
from service.jobs.attempt.environment import differences, environment_facts
from service.jobs.kinds.train import find_state, fit_request
from service.problems import Conflict
from service.registry.models import versions
from service.registry.models.recipes import recipe_of


def reproduce(attempt: JobAttempt) -> None:
    """End with whether the weights are identical, or with the first difference."""
    with attempt.database.read() as session:
        version, weights = versions.get_weights(session, attempt.row.model, attempt.request["version"])
    if version.request is None or version.dataset is None:
        raise Conflict("This version was imported: its training request and data are not on this server.")
    stored = safetensors.loads(weights)
    fitted = fit_request(attempt, version.request, attempt.progress, find_state(attempt), _numbers(stored))
    trained = _with_formats_of(stored, fitted.trained)
    weights_again = safetensors.dumps(trained)
    identical = hashlib.sha256(weights_again).hexdigest() == version.weights_sha256
    facts = environment_facts(recipe_of(version.request).training.threads or 1)
    result: dict[str, Any] = {
        "version": version.version,
        "identical": identical,
        "first_difference": None if identical else first_difference(stored, trained),
        "environment_differences": differences(version.environment, facts),
    }
    attempt.succeed(result)


def _numbers(stored: TrainedNetwork) -> dict[str, ColumnOverride]:
    """The number columns: early versions read whole numbers beyond 2^53 as numbers."""
    signature = stored.signature
    names = [feature.name for feature in signature.features if feature.type == "number"]
    names += [output.name for output in signature.outputs if output.type == "number"]
    return {name: ColumnOverride(type="number") for name in names}


def _with_formats_of(stored: TrainedNetwork, again: TrainedNetwork) -> TrainedNetwork:
    """The retrained network with the date formats of the stored one: early versions stored none."""
    formats = {feature.name: feature.format for feature in stored.signature.features}
    return replace(again, preprocessing=again.preprocessing.with_date_formats(formats))


def first_difference(stored: TrainedNetwork, again: TrainedNetwork) -> dict[str, Any]:
    """The first tensor that differs, and where."""
    for name, tensor in sorted(stored.network.tensors.items()):
        other = again.network.tensors.get(name)
        if other is None or other.shape != tensor.shape:
            return {"tensor": name, "message": "another shape"}
        places = np.argwhere(tensor != other)
        if places.size:
            place = tuple(int(index) for index in places[0])
            values = {"stored": float(tensor[place]), "again": float(other[place])}
            return {"tensor": name, "position": list(place), **values}
    return {"tensor": None, "message": "the tensors are the same; preprocessing or specification differs"}
