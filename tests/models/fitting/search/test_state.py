"""The state of a search: what is kept as best, and what comes back from bytes."""

import json

import pytest

from models.errors import BadCheckpoint
from models.fitting.search.state import SearchState
from models.fitting.search.trials import TrialResult
from models.fitting.single import Fitted
from models.training.callbacks import EpochRecord


def result(number, score):
    return TrialResult(number, {"network.l2": 0.1 * number}, score, "loss", (0.25, score), epochs=3)


@pytest.fixture
def fitted(networks):
    record = EpochRecord(1, 0.5, None, 0.1, 2.0)
    return Fitted(networks["plain"], {"training": {"loss": 0.5}, "validation": None}, [record], "early", 1, [])


def test_the_first_of_equally_good_results_is_kept(fitted):
    state = SearchState(candidates=[0, 1, 2, 3])
    assert state.is_best(result(0, 1.0))
    for number, score in enumerate([1.0, 1.0, 0.5, 0.75]):
        state.offer(result(number, score), fitted)
    assert state.best[0].number == 2
    assert not state.is_best(result(3, 0.5))
    assert not state.is_best(result(3, None))


def test_each_end_is_counted_and_replaces_that_of_an_earlier_round():
    state = SearchState(candidates=[0, 1])
    for number, score in [(0, 1.0), (1, 2.0), (0, 0.5)]:
        state.end(result(number, score))
    assert (state.n_trained, state.ended_in_rung) == (3, [0, 1, 0])
    assert [state.ended[number].score for number in (0, 1)] == [0.5, 2.0]


def test_a_state_comes_back_as_it_was(fitted):
    state = SearchState(candidates=[2, 1], rung=1)
    for number, score in [(1, 0.5), (2, None)]:
        state.end(result(number, score))
    state.offer(result(1, 0.5), fitted)
    again, inner = SearchState.from_bytes(state.to_bytes("a search", b"inner", 7.5), "a search")
    assert inner == b"inner"
    assert (again.candidates, again.rung, again.n_trained, again.elapsed_seconds) == ([2, 1], 1, 2, 7.5)
    assert (again.ended, again.ended_in_rung) == (state.ended, [1, 2])
    best, network = again.best
    assert best == result(1, 0.5)
    assert network.trained.network.parameters.tobytes() == fitted.trained.network.parameters.tobytes()
    assert (network.metrics, network.curve) == (fitted.metrics, fitted.curve)
    assert (network.stopped, network.best_epoch, network.warnings) == ("early", 1, [])


@pytest.mark.parametrize(("inner", "expected"), [(None, None), (b"", b""), (b"x", b"x")])
def test_a_training_in_progress_is_told_apart_from_none(inner, expected):
    again, read = SearchState.from_bytes(SearchState(candidates=[0]).to_bytes("s", inner, 0.0), "s")
    assert read == expected
    assert again.best is None


def header(value):
    text = json.dumps(value).encode()
    return len(text).to_bytes(8, "little") + text


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (SearchState(candidates=[0]).to_bytes("another", None, 0.0), "another search"),
        (header({}), "another search"),
        (header([]), "does not belong to a search"),
        (header(None), "does not belong to a search"),
        (b"", "does not belong to a search"),
        (b"\x05" + b"\0" * 7 + b"x", "does not belong to a search"),
    ],
)
def test_other_bytes_are_rejected(data, message):
    with pytest.raises(BadCheckpoint, match=message):
        SearchState.from_bytes(data, "a search")
