"""The names of the networks in the fixture `networks`, for tests of all of them."""

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
