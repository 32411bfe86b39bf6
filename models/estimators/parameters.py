"""What scikit-learn expects of an estimator's parameters: read, set, copied and shown by the names of `__init__`."""

import copy
import inspect
from typing import Any, Self


class Parameters:
    """`__init__` stores each argument under its own name and checks nothing: that is left to `fit`."""

    @classmethod
    def _names(cls) -> list[str]:
        return sorted(name for name in inspect.signature(cls.__init__).parameters if name != "self")

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """Every parameter by its name; none of them holds an estimator, so `deep` changes nothing."""
        return {name: getattr(self, name) for name in self._names()}

    def set_params(self, **parameters: Any) -> Self:
        """Change the parameters named. Raises ValueError for a name that is none."""
        for name, value in parameters.items():
            if name not in self._names():
                known = ", ".join(self._names())
                raise ValueError(f"Invalid parameter {name!r} for {type(self).__name__}. Valid parameters: {known}.")
            setattr(self, name, value)
        return self

    def __sklearn_clone__(self) -> Self:
        """A new estimator with the same parameters, not fitted."""
        return type(self)(**{name: copy.deepcopy(value) for name, value in self.get_params().items()})

    def __repr__(self) -> str:
        defaults = inspect.signature(type(self).__init__).parameters
        changed = {
            name: value for name, value in self.get_params().items() if repr(value) != repr(defaults[name].default)
        }
        return f"{type(self).__name__}({', '.join(f'{name}={value!r}' for name, value in changed.items())})"
