"""A search, from its first trial to the best network."""

import json
from collections.abc import Callable
from dataclasses import replace

from models.coded_warnings import CodedWarning, WarningCode
from models.errors import BadRecipe, ModelError
from models.fitting.search import successive_halving
from models.fitting.search.grouping import in_groups
from models.fitting.search.state import SearchState
from models.fitting.search.train_group import TrialEnd, train_group
from models.fitting.search.trials import Trial, compared_metric, failure_of, point_of, prepare_trial
from models.fitting.single import Fitted
from models.preparation.defaults import seed_of
from models.preparation.prepare import Prepared
from models.specification.search_space import trial_settings
from models.training.callbacks import EpochRecord, Interruption, Progress, TrainingCallback, monotonic


def search(
    prepared: Prepared, callback: TrainingCallback, state: bytes | None = None, clock: Callable[[], float] = monotonic
) -> Fitted:
    """Train every trial and keep the best network. Raises Interrupted, and BadRecipe where no trial could be trained.

    The callback can interrupt a search like any training: `keep best` ends it with the best network so far.
    """
    return Search(prepared, callback, clock).run(state)


class Search:
    """One search in progress; it is the callback of each training, and reports each trial to the job's callback."""

    def __init__(self, prepared: Prepared, callback: TrainingCallback, clock: Callable[[], float]) -> None:
        self._prepared, self._callback, self._clock = prepared, callback, clock
        self._settings = trial_settings(prepared.recipe, seed_of(prepared.recipe))
        self._metric = compared_metric(prepared.recipe)
        self._rungs = self._chosen_rungs()
        self._identity = json.dumps(prepared.recipe.to_json(), sort_keys=True)
        self._state = SearchState(candidates=list(range(len(self._settings))))
        self._stopped: str | None = None
        self._started = clock()

    def run(self, state: bytes | None) -> Fitted:
        """Run to the end, from the beginning or from a state of the callback."""
        inner = None
        if state is not None:
            self._state, inner = SearchState.from_bytes(state, self._identity)
        while self._state.rung < len(self._rungs) and self._stopped is None:
            self._run_rung(inner)
            inner = None
        return self._fitted()

    def on_epoch_end(self, record: EpochRecord, progress: Progress) -> None:
        """Does nothing: the curve of a search consists of its trials."""

    def interruption(self) -> Interruption | None:
        """The interruption that the job's callback requests, or `keep best` after the time limit."""
        interruption = self._callback.interruption()
        limit = self._prepared.recipe.training.time_limit_seconds
        if interruption is None and limit is not None and self._elapsed_seconds() >= limit:
            self._stopped = "time limit"
            return "keep best"
        return interruption

    def checkpoint(self, state: bytes | None) -> None:
        """Store the trials so far, and the state of the training in progress."""
        self._callback.checkpoint(self._state.to_bytes(self._identity, state, self._elapsed_seconds()))

    def _chosen_rungs(self) -> list[int | None]:
        recipe = self._prepared.recipe
        assert recipe.search is not None
        if recipe.search.method != "halving":
            return [None]
        return successive_halving.rungs(len(self._settings), recipe.training.epochs or 1)

    def _run_rung(self, inner: bytes | None) -> None:
        """Train all candidates that have not ended yet, group by group; then leave the best for the next round."""
        for group in in_groups(self._trials()):
            if all(trial.number in self._state.ended_in_rung for trial in group):
                continue
            self._record(train_group(group, self._metric, self, inner))
            inner = None
            if self._stopped is not None:
                return
            self.checkpoint(None)
        results = [self._state.ended[number] for number in self._state.candidates]
        self._state.candidates, self._state.ended_in_rung = successive_halving.survivors(results), []
        self._state.rung += 1

    def _trials(self) -> list[Trial]:
        """The candidates of this round, prepared; those that cannot be prepared end here as failed."""
        trials = []
        for number in self._state.candidates:
            settings = self._settings[number]
            try:
                trials.append(prepare_trial(self._prepared, number, settings, self._rungs[self._state.rung]))
            except ModelError as error:
                if number not in self._state.ended_in_rung:
                    self._state.end(failure_of(number, settings, error, self._metric))
        return trials

    def _record(self, ends: list[TrialEnd]) -> None:
        for end in ends:
            self._state.end(end.result)
            if end.fitted is not None and self._state.is_best(end.result):
                self._state.offer(end.result, end.fitted())
            if end.result.stopped == "on request":
                self._stopped = self._stopped or "on request"
            self._report(end)

    def _report(self, end: TrialEnd) -> None:
        elapsed = self._elapsed_seconds()
        n_trained, n_all = self._state.n_trained, self._n_trainings()
        record = point_of(end.result, n_trained, elapsed)
        remaining_seconds = elapsed / n_trained * (n_all - n_trained)
        n_epochs = sum(result.epochs for result in self._state.ended.values())
        rows_per_second = n_epochs * self._prepared.split.training.size / max(elapsed, 1e-9)
        losses = record.loss, record.validation_loss
        self._callback.on_epoch_end(record, Progress(n_trained, n_all, *losses, rows_per_second, remaining_seconds))

    def _n_trainings(self) -> int:
        """The number of trainings in all rounds together."""
        total = n = len(self._settings)
        for _ in self._rungs[1:]:
            n = successive_halving.n_survivors(n)
            total += n
        return total

    def _elapsed_seconds(self) -> float:
        return self._state.elapsed_seconds + self._clock() - self._started

    def _fitted(self) -> Fitted:
        results = [self._state.ended[number] for number in sorted(self._state.ended)]
        if self._state.best is None:
            errors = [result.error for result in results if result.error is not None]
            raise BadRecipe(f"no trial could be trained: {errors[0] if errors else 'none was started'}", ["search"])
        best_result, best = self._state.best
        return replace(
            best,
            best_trial=best_result.to_json(),
            stopped=self._stopped or best.stopped,
            warnings=self._prepared.warnings + self._warnings(),
            trials=[result.to_json() for result in results],
        )

    def _warnings(self) -> list[dict[str, str | None]]:
        search = self._prepared.recipe.search
        assert search is not None
        warnings: list[CodedWarning] = []
        n_failed = sum(result.error is not None for result in self._state.ended.values())
        if n_failed:
            message = f"{n_failed} of {len(self._settings)} trials could not be trained; see the error of each."
            warnings.append(CodedWarning(WarningCode.FAILED_TRIALS, message))
        if len(self._settings) < search.trials and search.method != "grid":
            message = f"The space gave only {len(self._settings)} different settings."
            warnings.append(CodedWarning(WarningCode.SMALL_SPACE, message))
        return [warning.for_training() for warning in warnings]
