"""Examples of comparisons of versions, from a real run with the iris data, shortened to what differs."""

from __future__ import annotations

from typing import Any

DATASET = "sha256:9cc1c345c71bcc9b486b74cbf6063fa66f4bb5e0f603a4b3c3471ec2e5e8e355"


def _version(number: int, aliases: list[str], weights_bytes: int, curve: list[tuple[float, ...]]) -> dict[str, Any]:
    names = ("epoch", "loss", "validation_loss", "learning_rate", "elapsed_seconds")
    link = f"/models/iris/versions/{number}"
    return {
        "version": number,
        "created_at": f"2026-11-25T22:07:2{number}.949106Z",
        "aliases": aliases,
        "task": "classification",
        "dataset": DATASET,
        "seed": 7,
        "duration_seconds": curve[-1][-1],
        "weights_bytes": weights_bytes,
        "warnings": [],
        "curve": [dict(zip(names, point, strict=True)) for point in curve],
        "links": {"self": link, "predict": f"{link}/predict", "model": "/models/iris"},
    }


# By the name of the schema that they are examples of.
COMPARISON_EXAMPLES: dict[str, list[dict[str, Any]]] = {
    "Comparison": [
        {
            "model": "iris",
            "versions": [
                _version(1, [], 3612, [(1, 1.07605, 0.92198, 0.003, 0.0035), (60, 0.13768, 0.19707, 0.003, 0.0322)]),
                _version(
                    2, ["production"], 3212, [(1, 1.02258, 0.9059, 0.003, 0.001), (60, 0.35447, 0.3841, 0.003, 0.0165)]
                ),
            ],
            "same_dataset": True,
            "metrics": [
                {"part": "validation", "metric": "loss", "values": [0.19707, 0.3841], "best": 1},
                {"part": "validation", "metric": "accuracy", "values": [0.93333, 0.9], "best": 1},
            ],
            "settings": [{"setting": "network.hidden", "values": [[16], [4]], "differs": True}],
        }
    ],
}
