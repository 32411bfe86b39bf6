"""How large an imported network may be: each limit with the setting that raises it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass

from models.inference.trained_network import TrainedNetwork
from service.problems import InputError, InvalidInput, Location, input_error
from service.settings import Settings


@dataclass(frozen=True)
class ImportLimits:
    """The limits of an imported file and its network."""

    file_bytes: int
    json_bytes: int
    json_depth: int
    hidden_layers: int
    hidden_width: int
    parameters: int
    columns: int

    @classmethod
    def of(cls, settings: Settings) -> ImportLimits:
        return cls(
            file_bytes=settings.max_import_bytes,
            json_bytes=settings.max_train_bytes,
            json_depth=settings.max_json_depth,
            hidden_layers=settings.max_hidden_layers,
            hidden_width=settings.max_hidden_width,
            parameters=settings.max_parameters,
            columns=settings.max_columns,
        )

    def to_json(self) -> dict[str, int]:
        return asdict(self)

    def largest(self, *, is_weights: bool) -> tuple[int, str]:
        """The largest size of a file in an archive in bytes, and the setting that limits it."""
        if is_weights:
            return self.file_bytes, "FEEDFORWARD_MAX_IMPORT_BYTES"
        return self.json_bytes, "FEEDFORWARD_MAX_TRAIN_BYTES"

    def check(self, trained: TrainedNetwork, root: Location) -> None:
        """Raises InvalidInput for a network that is too large to be trained here."""
        errors = list(self._excesses(trained, root))
        if errors:
            raise InvalidInput(f"The network is over a limit: {errors[0]['message']}.", errors=errors)

    def _excesses(self, trained: TrainedNetwork, root: Location) -> Iterator[InputError]:
        hidden = trained.specification.hidden
        measures = (
            (len(hidden), "hidden layers", self.hidden_layers, "FEEDFORWARD_MAX_HIDDEN_LAYERS"),
            (max(hidden, default=0), "neurons in a layer", self.hidden_width, "FEEDFORWARD_MAX_HIDDEN_WIDTH"),
            (trained.network.parameters.size, "parameters", self.parameters, "FEEDFORWARD_MAX_PARAMETERS"),
            (len(trained.preprocessing.encoders), "features", self.columns, "FEEDFORWARD_MAX_COLUMNS"),
        )
        for value, what, limit, setting in measures:
            if value > limit:
                yield input_error(root, "limit", f"{value:,} {what} are over the limit of {limit:,} ({setting})")
