"""Versions are loaded once, bounded in memory, and a damaged one harms no other."""

from concurrent.futures import ThreadPoolExecutor

import httpx

from models.formats import safetensors
from service.registry.sqlite_library import library
from tests.support.serving import networks


def damaged(weights: bytes) -> bytes:
    return weights[:-1] + bytes([weights[-1] ^ 1])


def test_a_damaged_version_is_unavailable_and_the_others_serve(start_serving, tmp_path):
    serving = start_serving()
    model = serving.register(networks.line())
    serving.register(networks.line(slope=3.0), model)
    path = serving.database.url.removeprefix("sqlite:///")
    good = safetensors.dumps(networks.line())
    set_weights(path, damaged(good))
    response = serving.ask({"model": model, "version": 1, "inputs": [[1]]})
    assert response.status_code == 503
    assert response.json()["type"] == "/problems/corrupt-version"
    assert serving.predict(model, [[1]], version=2) == [{"value": 4.0}]
    set_weights(path, good)
    assert serving.predict(model, [[1]], version=1) == [{"value": 3.0}]


def set_weights(path: str, weights: bytes) -> None:
    """What a failing disk may do: the trigger that guards the table is no help against it."""
    with library.connect(path) as connection:
        connection.execute("DROP TRIGGER IF EXISTS weights_keep_update")
        connection.execute("UPDATE weights SET content = ? WHERE version_id = 1", (weights,))
    connection.close()


def test_weights_that_fit_their_digest_but_are_no_network_are_unavailable(serving):
    trained = networks.line()
    model = serving.register_bytes(trained, b"these are no weights")
    assert serving.ask({"model": model, "inputs": [[1]]}).status_code == 503


def test_versions_over_the_memory_limit_are_loaded_again_when_asked(start_serving):
    serving = start_serving(max_loaded_bytes=1)
    names = [serving.register(networks.line(slope=float(k))) for k in range(5)]
    for _ in range(2):
        for slope, name in enumerate(names):
            assert serving.predict(name, [[1]]) == [{"value": slope + 1.0}]


def test_a_stampede_on_a_cold_version_is_answered_whole(serving):
    model = serving.register(networks.wide(500, 50))
    row = [1.0] * 500

    def ask(_: int) -> int:
        return httpx.post(f"{serving.url}/predict", json={"model": model, "inputs": [row]}, timeout=60).status_code

    with ThreadPoolExecutor(16) as threads:
        assert set(threads.map(ask, range(32))) == {200}


def test_a_version_is_found_among_many(serving):
    models = [serving.register(networks.line(slope=float(k))) for k in range(30)]
    for slope, model in enumerate(models):
        assert serving.predict(model, [[2]]) == [{"value": 2.0 * slope + 1.0}]
