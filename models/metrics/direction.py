"""Which way a metric is better."""

SMALLER_ENDINGS = ("loss", "error", "mae", "rmse", "mse")


def is_smaller_better(metric: str) -> bool:
    """For losses and errors smaller is better; of every other figure of a report larger is."""
    return metric.endswith(SMALLER_ENDINGS)
