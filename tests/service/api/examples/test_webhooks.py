"""The documentation's examples of webhooks are such as the service could have sent."""

import pytest

from service.api.examples.webhooks import DELIVERY, TEST_DELIVERY


@pytest.mark.parametrize("delivery", [DELIVERY, TEST_DELIVERY], ids=["event", "test"])
def test_a_delivered_example_ended_with_its_only_success(delivery):
    *earlier, last = [attempt["status"] for attempt in delivery["attempts"]]
    assert delivery["state"] == "delivered"
    assert 200 <= last < 300
    assert all(status >= 300 for status in earlier)
    assert delivery["payload"]["type"] == delivery["type"]


def test_the_example_of_a_moved_alias_moves_it():
    move = DELIVERY["payload"]["data"]
    assert move["before"] != move["after"]
