"""The names of the fixture `networks`, for tests that go through all of them."""

KINDS = [
    "classes",
    "two classes",
    "threshold",
    "margin",
    "margins",
    "number",
    "numbers",
    "counts",
    "labels",
    "plain",
    "batch norm",
    "layer norm",
    "each by itself",
    "no hidden layer",
]
