"""The state of a search, to bytes and back: ended trials, the best network so far, and the training in progress."""

import json
from dataclasses import asdict, dataclass, field
from typing import Any

from models.errors import BadCheckpoint
from models.fitting.search.trials import TrialResult, is_better
from models.fitting.single import Fitted
from models.formats import npz
from models.training.callbacks import EpochRecord

Best = tuple[TrialResult, Fitted]


@dataclass
class SearchState:
    """The state of a search. A random or grid search has one round; successive halving has several.

    A round begins with `candidates` and an empty `ended_in_rung`. Each trial that ends is added to `ended_in_rung`, and
    its result replaces the one of an earlier round in `ended`. When all candidates have ended, the best of them are
    the candidates of the next round, and `rung` counts on. After an interruption, trials in `ended_in_rung` are not
    trained again, and the state of a training in progress is kept beside this one (`inner`).
    """

    candidates: list[int]
    rung: int = 0
    ended: dict[int, TrialResult] = field(default_factory=dict)
    ended_in_rung: list[int] = field(default_factory=list)
    best: Best | None = None
    n_trained: int = 0
    elapsed_seconds: float = 0.0

    def offer(self, result: TrialResult, fitted: Fitted) -> None:
        """Keep the result of a trial if it is the best so far."""
        if self.is_best(result):
            self.best = result, fitted

    def is_best(self, result: TrialResult) -> bool:
        """Whether the result is better than all so far."""
        return is_better(result, self.best[0] if self.best else None)

    def end(self, result: TrialResult) -> None:
        """Record the end of a trial."""
        self.ended[result.number] = result
        self.ended_in_rung.append(result.number)
        self.n_trained += 1

    def to_bytes(self, identity: str, inner: bytes | None, elapsed_seconds: float) -> bytes:
        """The length of the header (8 bytes, little-endian), the header as JSON, the best network, the inner state."""
        network = b"" if self.best is None else npz.dumps(self.best[1].trained)
        header = {
            "belongs_to": identity,
            "candidates": self.candidates,
            "rung": self.rung,
            "ended": [asdict(result) for result in self.ended.values()],
            "ended_in_rung": self.ended_in_rung,
            "best": None if self.best is None else _described(*self.best),
            "network_bytes": len(network),
            "n_trained": self.n_trained,
            "elapsed_seconds": elapsed_seconds,
            "has_inner": inner is not None,
        }
        text = json.dumps(header).encode()
        return len(text).to_bytes(8, "little") + text + network + (inner or b"")

    @classmethod
    def from_bytes(cls, data: bytes, identity: str) -> "tuple[SearchState, bytes | None]":
        """The saved state, and that of the training in progress. Raises BadCheckpoint for that of another search."""
        header, rest = _read_header(data)
        if header.get("belongs_to") != identity:
            raise BadCheckpoint("The checkpoint belongs to another search.")
        network, inner = rest[: header["network_bytes"]], rest[header["network_bytes"] :]
        results = [_result(values) for values in header["ended"]]
        state = cls(
            candidates=header["candidates"],
            rung=header["rung"],
            ended={result.number: result for result in results},
            ended_in_rung=header["ended_in_rung"],
            best=None if header["best"] is None else _best(header["best"], network),
            n_trained=header["n_trained"],
            elapsed_seconds=header["elapsed_seconds"],
        )
        return state, inner if header["has_inner"] else None


def _read_header(data: bytes) -> tuple[dict[str, Any], bytes]:
    end = 8 + int.from_bytes(data[:8], "little")
    try:
        header = json.loads(data[8:end])
    except ValueError as error:
        raise BadCheckpoint("The checkpoint does not belong to a search; start the search again.") from error
    if not isinstance(header, dict):
        raise BadCheckpoint("The checkpoint does not belong to a search; start the search again.")
    return header, data[end:]


def _described(result: TrialResult, fitted: Fitted) -> dict[str, Any]:
    return {
        "result": asdict(result),
        "metrics": fitted.metrics,
        "curve": [asdict(record) for record in fitted.curve],
        "stopped": fitted.stopped,
        "best_epoch": fitted.best_epoch,
        "warnings": fitted.warnings,
    }


def _best(described: dict[str, Any], network: bytes) -> Best:
    fitted = Fitted(
        trained=npz.loads(network),
        metrics=described["metrics"],
        curve=[EpochRecord(**record) for record in described["curve"]],
        stopped=described["stopped"],
        best_epoch=described["best_epoch"],
        warnings=described["warnings"],
    )
    return _result(described["result"]), fitted


def _result(values: dict[str, Any]) -> TrialResult:
    return TrialResult(**{**values, "losses": tuple(values["losses"])})
