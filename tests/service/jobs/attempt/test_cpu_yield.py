"""A training gives its core away while others take short turns, and keeps it for a while when one took a long turn."""

from service.jobs.attempt.cpu_yield import SHORT_TURN_SECONDS, TURNS_KEPT, CpuYield


class Core:
    """A clock that moves on by the time for which others have the core, whenever it is given away."""

    def __init__(self, turn_seconds: float) -> None:
        self.now, self.turn_seconds, self.given_away = 0.0, turn_seconds, 0
        self.give_way = CpuYield(lambda: self.now, self._give_away)

    def _give_away(self) -> None:
        self.now += self.turn_seconds
        self.given_away += 1

    def train(self, seconds: float, between: float = 0.0005) -> None:
        """Compute, and give way after each `between` seconds."""
        for _ in range(round(seconds / between)):
            self.now += between
            self.give_way()


def test_short_turns_of_others_are_given_each_time():
    core = Core(turn_seconds=SHORT_TURN_SECONDS / 2)
    core.train(seconds=0.1)
    assert core.given_away == 200


def test_who_takes_long_turns_gets_a_twentieth_of_the_time_at_most():
    core = Core(turn_seconds=0.016)
    core.train(seconds=10)
    lost = core.given_away * core.turn_seconds
    assert 0 < lost <= core.now / TURNS_KEPT


def test_short_turns_are_given_again_after_the_long_one():
    core = Core(turn_seconds=0.016)
    core.train(seconds=0.0005)
    core.turn_seconds = 0.0001
    core.train(seconds=0.3)
    assert core.given_away == 1
    core.train(seconds=0.1)
    assert core.given_away > 50
