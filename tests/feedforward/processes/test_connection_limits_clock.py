"""When connections are given up, to the second: on a clock that the test moves."""

import asyncio
import resource
from collections.abc import Callable

import pytest

from feedforward.processes.connection_limits import ConnectionLimits, most_connections


class Clock(asyncio.BaseEventLoop):
    """A loop that is never run: its time is moved by the test, which calls what is due."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 1000.0
        self.due: list[tuple[float, Callable[..., None], tuple[object, ...]]] = []

    def time(self) -> float:
        return self.now

    def call_later(self, delay, callback, *args, context=None) -> None:
        self.due.append((self.now + delay, callback, args))

    def wait(self, seconds: int) -> None:
        """Let whole seconds pass, one at a time."""
        for _ in range(seconds):
            self.now += 1
            due, self.due = self.due, []
            for moment, callback, args in due:
                if moment <= self.now:
                    callback(*args)
                else:
                    self.due.append((moment, callback, args))


class Client:
    """A connection in one state since a moment."""

    def __init__(self, clock: Clock, *, is_in_head: bool = False, is_answered: bool = False, reads: bool = True):
        self.loop, self.is_in_head, self._is_answered, self._reads = clock, is_in_head, is_answered, reads
        self._since = clock.time()
        self.end: str | None = None

    def idle_since(self) -> float | None:
        return None if self._is_answered else self._since

    def stalled_since(self) -> float | None:
        return None if self._reads else self._since

    def waiting_since(self) -> float | None:
        return None

    def following_since(self) -> float | None:
        return None

    def refuse_slow_head(self) -> None:
        self.end = "refused"

    def drop(self) -> None:
        self.end = "dropped"


@pytest.fixture
def clock():
    clock = Clock()
    yield clock
    clock.close()


def test_a_head_has_ten_seconds_and_is_refused_at_the_next_look(clock):
    limits = ConnectionLimits(most=10)
    client = Client(clock, is_in_head=True)
    assert limits.add(client)
    clock.wait(10)
    assert client.end is None
    clock.wait(1)
    assert client.end == "refused"


def test_a_silent_client_has_thirty_seconds_where_more_than_half_of_the_room_is_used(clock):
    limits = ConnectionLimits(most=4)
    clients = [Client(clock) for _ in range(3)]
    for client in clients:
        limits.add(client)
    clock.wait(30)
    assert [client.end for client in clients] == [None] * 3
    clock.wait(1)
    assert [client.end for client in clients] == ["dropped"] * 3


def test_a_silent_client_stays_where_half_of_the_room_is_free(clock):
    limits = ConnectionLimits(most=4)
    clients = [Client(clock) for _ in range(2)]
    for client in clients:
        limits.add(client)
    clock.wait(100)
    assert [client.end for client in clients] == [None] * 2


def test_a_client_that_reads_nothing_is_given_up_after_a_minute(clock):
    limits = ConnectionLimits(most=10)
    client = Client(clock, is_answered=True, reads=False)
    limits.add(client)
    clock.wait(60)
    assert client.end is None
    clock.wait(1)
    assert client.end == "dropped"


def test_a_client_whose_request_is_answered_is_never_given_up(clock):
    limits = ConnectionLimits(most=1)
    client = Client(clock, is_in_head=True, is_answered=True)
    limits.add(client)
    clock.wait(100)
    assert client.end is None


def test_the_client_that_is_idle_for_longest_makes_room_and_one_that_is_answered_does_not(clock):
    limits = ConnectionLimits(most=3)
    answered = Client(clock, is_answered=True)
    clock.wait(1)
    first = Client(clock)
    clock.wait(1)
    second = Client(clock)
    for client in (second, first, answered):
        assert limits.add(client)
    assert limits.add(Client(clock, is_answered=True))
    assert (first.end, second.end, answered.end) == ("dropped", None, None)
    assert limits.add(Client(clock, is_answered=True))
    assert (second.end, answered.end) == ("dropped", None)
    assert not limits.add(Client(clock))


@pytest.mark.parametrize(("seconds", "has_room"), [(1, False), (2, True)])
def test_a_client_that_has_read_nothing_for_over_a_second_makes_room(clock, seconds, has_room):
    limits = ConnectionLimits(most=1)
    limits.add(Client(clock, is_answered=True, reads=False))
    clock.wait(seconds)
    assert limits.add(Client(clock)) is has_room


def test_thirty_two_clients_beyond_the_limit_wait_for_their_refusal_and_no_more(clock):
    limits = ConnectionLimits(most=1)
    clients = [Client(clock, is_answered=True) for _ in range(34)]
    assert [limits.add(client) for client in clients] == [True] + [False] * 33
    assert [client.end for client in clients] == [None, "dropped"] + [None] * 32


def test_a_client_that_has_left_makes_room(clock):
    limits = ConnectionLimits(most=1)
    client = Client(clock, is_answered=True)
    limits.add(client)
    limits.discard(client)
    assert limits.add(Client(clock))


def test_clients_are_looked_at_again_after_all_had_left(clock):
    limits = ConnectionLimits(most=10)
    client = Client(clock)
    limits.add(client)
    limits.discard(client)
    clock.wait(5)
    assert clock.due == []
    slow = Client(clock, is_in_head=True)
    limits.add(slow)
    clock.wait(11)
    assert slow.end == "refused"


@pytest.mark.parametrize(("descriptors", "most"), [(1000, 872), (4224, 4096), (5000, 4096), (144, 16), (100, 16)])
def test_128_descriptors_are_left_to_other_files(monkeypatch, descriptors, most):
    monkeypatch.setattr(resource, "getrlimit", lambda _: (descriptors, descriptors))
    assert most_connections() == most
