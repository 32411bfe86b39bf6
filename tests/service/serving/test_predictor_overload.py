"""When more work waits than can be done soon, what comes then is told to come back, and what waits is done."""

import asyncio
import threading

import pytest

from service.problems import Unavailable
from service.registry.database import Database
from service.registry.migrate import ensure_current
from service.serving.predictor import Predictor
from service.settings import Settings


def test_work_beyond_what_may_wait_is_told_to_come_back(tmp_path):
    settings = Settings(data=tmp_path)
    database = Database.of(settings)
    ensure_current(database)
    go_on = threading.Event()

    async def overload() -> tuple[Unavailable, list[bool], bool]:
        predictor = Predictor(settings, database, most_in_threads=20)
        accepted = [asyncio.ensure_future(predictor.in_thread(lambda: go_on.wait(60))) for _ in range(20)]
        await asyncio.sleep(0)  # they have all been handed over
        with pytest.raises(Unavailable) as refused:
            await predictor.in_thread(lambda: True)
        go_on.set()
        done = await asyncio.gather(*accepted)
        afterwards = await predictor.in_thread(lambda: True)
        predictor.close()
        return refused.value, done, afterwards

    refused, done, afterwards = asyncio.run(overload())
    assert refused.headers["Retry-After"] == "1"
    assert done == [True] * 20
    assert afterwards
    database.close()
