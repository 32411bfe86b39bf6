"""What Classifier and Regressor share: parameters to a recipe, `fit`, and the trained network behind `predict`."""

import copy
import inspect
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import is_dataclass
from typing import Any, Self

import numpy as np

from models.arrays import Array
from models.data.columns import Column, Table, n_rows
from models.errors import ModelError
from models.estimators.feature_names import check_feature_names, feature_names
from models.estimators.matrices import features_table, not_fitted, weight_vector
from models.estimators.metadata_routing import MetadataRouting
from models.fitting.fit import Fitted, fit, prepare
from models.formats import npz
from models.specification import Recipe
from models.specification.json_codec import to_json

_OF_THE_NETWORK = ("hidden", "activation", "init", "dropout", "batch_norm", "layer_norm", "l1", "l2", "dtype")
_OF_THE_TRAINING = ("epochs", "loss", "schedule", "batch_size", "gradient_clip", "early_stopping", "averaged_weights")


class Parameters(MetadataRouting):
    """The parameters of an estimator: `__init__` stores each under its own name, and `fit` checks them."""

    @classmethod
    def _names(cls) -> list[str]:
        return sorted(name for name in inspect.signature(cls.__init__).parameters if name != "self")

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """Every parameter by its name; none of them holds an estimator, so `deep` changes nothing."""
        return {name: getattr(self, name) for name in self._names()}

    def set_params(self, **parameters: Any) -> Self:
        """Change the named parameters. Raises ValueError for an unknown name."""
        for name, value in parameters.items():
            if name not in self._names():
                known = ", ".join(self._names())
                raise ValueError(f"Invalid parameter {name!r} for {type(self).__name__}. Valid parameters: {known}.")
            setattr(self, name, value)
        return self

    def __sklearn_clone__(self) -> Self:
        """A new estimator with the same parameters and requests, not fitted."""
        new = type(self)(**{name: copy.deepcopy(value) for name, value in self.get_params().items()})
        if requests := self._metadata_choices():
            new._sample_weight_requests = dict(requests)
        return new

    def __repr__(self) -> str:
        defaults = inspect.signature(type(self).__init__).parameters
        changed = {
            name: value for name, value in self.get_params().items() if repr(value) != repr(defaults[name].default)
        }
        return f"{type(self).__name__}({', '.join(f'{name}={value!r}' for name, value in changed.items())})"


class Estimator(Parameters):
    """A recipe whose choices are parameters; after `fit`, `trained_` is what a version in the registry would be."""

    trained_: Any

    def _table(self, x: Any) -> Table:
        """The feature columns of X."""
        with model_errors_as_value_errors():
            return features_table(x)

    def _fit(self, table: Table, labels: Mapping[str, Column], choices: dict[str, Any], sample_weight: Any) -> Fitted:
        """Train on feature columns and label columns; `choices` is what the task adds to the training."""
        weight = {} if sample_weight is None else {"weight": weight_vector(sample_weight, n_rows(table))}
        names = {name: unused_name(name, table) for name in [*labels, *weight]}
        extra = {names[name]: Column(names[name], label.type, label.values) for name, label in labels.items()}
        extra |= {names[name]: Column(names[name], "number", values) for name, values in weight.items()}
        training = choices | ({"sample_weight": names["weight"]} if weight else {})
        with model_errors_as_value_errors():
            recipe = self._recipe([names[name] for name in labels], list(table), training)
            return fit(prepare(table | extra, recipe))

    def _recipe(self, labels: list[str], features: list[str], choices: dict[str, Any]) -> Recipe:
        parameters = self.get_params()
        training = {name: parameters[name] for name in _OF_THE_TRAINING} | choices
        training["seed"] = self._seed()
        if self._optimizer() is not None:
            training["optimizer"] = self._optimizer()
        request = {
            "label": labels if len(labels) > 1 else labels[0],
            "features": features,
            "task": self._task(),
            "network": {name: parameters[name] for name in _OF_THE_NETWORK},
            "training": training,
            "validation": {"fraction": parameters["validation_fraction"]},
            "scaling": parameters["scaling"],
        }
        return Recipe.from_json(plain(request))

    def _task(self) -> str:
        raise NotImplementedError

    def _optimizer(self) -> Any:
        """The optimizer by name or object, with `learning_rate` where that is set; None for the default optimizer."""
        parameters = self.get_params()
        optimizer, rate = parameters["optimizer"], parameters["learning_rate"]
        if rate is None:
            return optimizer
        choice = plain(optimizer if optimizer is not None else "adamw")
        return (choice if isinstance(choice, dict) else {"name": choice}) | {"learning_rate": rate}

    def _seed(self) -> int | None:
        """The seed from `random_state`, drawn from it where it is a generator; None for the default seed."""
        state = self.get_params()["random_state"]
        if isinstance(state, np.random.Generator):
            return int(state.integers(2**31))
        return int(state.randint(2**31 - 1)) if hasattr(state, "randint") else state

    def _remember(self, fitted: Fitted, x: Any, table: Table) -> Self:
        self.trained_, self.metrics_, self.curve_ = fitted.trained, fitted.metrics, fitted.curve
        self.n_iter_, self.best_epoch_ = len(fitted.curve), fitted.best_epoch
        self.n_features_in_ = len(table)
        if hasattr(self, "feature_names_in_"):
            del self.feature_names_in_
        if feature_names(x) is not None:
            self.feature_names_in_: Array = np.array(list(table), dtype=object)
        return self

    def _outputs(self, x: Any) -> Array:
        """The trained network's predictions for X, float64 of shape (n_rows, n_outputs or n_classes)."""
        if not self.__sklearn_is_fitted__():
            raise not_fitted(type(self).__name__)
        with model_errors_as_value_errors():
            outputs: Array = self.trained_.predict(self._table_as_fitted(x))
        return outputs

    def _table_as_fitted(self, x: Any) -> Table:
        """The columns of X under the names of `fit`: those of a mapping by their own, others by their order."""
        table = features_table(x)
        if isinstance(x, Mapping):
            return table
        check_feature_names(self._names_of_fit(), feature_names(x), type(self).__name__)
        if len(table) != self.n_features_in_:
            name, n_expected = type(self).__name__, self.n_features_in_
            raise ValueError(f"X has {len(table)} features, but {name} is expecting {n_expected} features as input.")
        names = self.trained_.signature.feature_names
        return {name: Column(name, one.type, one.values) for name, one in zip(names, table.values(), strict=True)}

    def _names_of_fit(self) -> list[str] | None:
        return self.feature_names_in_.tolist() if hasattr(self, "feature_names_in_") else None

    def __sklearn_is_fitted__(self) -> bool:
        return hasattr(self, "trained_")

    def __getstate__(self) -> dict[str, Any]:
        """The state for pickling, with the network in its own format, so that loading the network runs no code."""
        state = dict(vars(self))
        if "trained_" in state:
            state["trained_"] = npz.dumps(state["trained_"])
        return state

    def __setstate__(self, state: Mapping[str, Any]) -> None:
        vars(self).update(state)
        if "trained_" in state:
            self.trained_ = npz.loads(state["trained_"])


def unused_name(name: str, table: Table) -> str:
    """The name, with underscores behind it while a feature has the same one."""
    return name if name not in table else unused_name(f"{name}_", table)


def plain(value: Any) -> Any:
    """Parameters as JSON values: NumPy's numbers, tuples and specifications are converted."""
    if is_dataclass(value) and not isinstance(value, type):
        return to_json(value)
    if isinstance(value, Mapping):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    return value.tolist() if isinstance(value, np.generic | np.ndarray) else value


@contextmanager
def model_errors_as_value_errors() -> Iterator[None]:
    """scikit-learn's callers expect ValueError for anything wrong with parameters or data."""
    try:
        yield
    except ModelError as error:
        location = ".".join(map(str, error.location))
        raise ValueError(f"{location}: {error.message}" if location else error.message) from error
