"""Whether `fit` and `score` request the sample weights that scikit-learn's pipelines and searches route to them."""

import sys
from importlib import import_module
from typing import Any, Self

# scikit-learn's own word for a request that stays as it is.
UNCHANGED = "$UNCHANGED$"


class MetadataRouting:
    """Only scikit-learn asks for `get_metadata_routing`, so it is there by then."""

    def set_fit_request(self, *, sample_weight: bool | str | None = UNCHANGED) -> Self:
        """True has `sample_weight` passed to `fit`, False not, None is an error where it is given, a text an alias."""
        return self._request("fit", sample_weight)

    def set_score_request(self, *, sample_weight: bool | str | None = UNCHANGED) -> Self:
        """As `set_fit_request`, for `score`."""
        return self._request("score", sample_weight)

    def get_metadata_routing(self) -> Any:
        """scikit-learn's record of what is requested; None, the default, for what was never set."""
        requests = import_module("sklearn.utils.metadata_routing").MetadataRequest(owner=self)
        chosen = self._metadata_choices()
        for method in ("fit", "score"):
            getattr(requests, method).add_request(param="sample_weight", alias=chosen.get(method))
        return requests

    def _request(self, method: str, choice: bool | str | None) -> Self:
        _require_routing()
        if choice != UNCHANGED:
            self._sample_weight_requests = self._metadata_choices() | {method: choice}
        return self

    def _metadata_choices(self) -> dict[str, bool | str | None]:
        return getattr(self, "_sample_weight_requests", {})


def _require_routing() -> None:
    sklearn = sys.modules.get("sklearn")
    if sklearn is None or not sklearn.get_config()["enable_metadata_routing"]:
        raise RuntimeError(
            "This method is only available when metadata routing is enabled. You can enable it using "
            "sklearn.set_config(enable_metadata_routing=True)."
        )
