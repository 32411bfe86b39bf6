"""Plain defaults on common data, against scikit-learn's MLP behind a scaler: metrics on held-out rows.

    python benchmarks/defaults.py [--splits 10] [data set …]

Ours holds a fifth of its training rows back for its own validation; scikit-learn's trains on all of them.
"""

import argparse
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from _data_sets import DATA_SETS, DataSet, Raw
from sklearn.compose import ColumnTransformer, TransformedTargetRegressor
from sklearn.impute import SimpleImputer
from sklearn.model_selection import train_test_split
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from models.data.columns import infer_table
from models.evaluation.evaluate import evaluate
from models.fitting.fit import fit, prepare
from models.specification import Recipe, TrainingSpecification

HELD_OUT = 0.3


@dataclass(frozen=True)
class Score:
    """The metric on held-out rows, and the seconds of the training."""

    metric: float
    seconds: float


Trainer = Callable[[DataSet, Raw, Raw, int], Score]


def ours(data: DataSet, training: Raw, held_out: Raw, seed: int) -> Score:
    """Our training with a recipe that names only the label."""
    started = time.perf_counter()
    task = "regression" if data.is_regression else "classification"
    recipe = Recipe(label="label", task=task, training=TrainingSpecification(seed=seed))
    trained = fit(prepare(infer_table(training), recipe)).trained
    seconds = time.perf_counter() - started
    return Score(evaluate(trained, infer_table(held_out))[data.metric], seconds)


def scikit_learn(data: DataSet, training: Raw, held_out: Raw, seed: int) -> Score:
    """scikit-learn's multilayer perceptron with its defaults; it also needs scaled labels for a regression."""
    network = (
        TransformedTargetRegressor(MLPRegressor(random_state=seed), transformer=StandardScaler())
        if data.is_regression
        else MLPClassifier(random_state=seed)
    )
    model = make_pipeline(_scaler(training), network)
    started = time.perf_counter()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the warning that it has not converged after its 200 epochs
        model.fit(_rows(training), training["label"])
    seconds = time.perf_counter() - started
    return Score(_metric(data.metric, np.asarray(held_out["label"]), model.predict(_rows(held_out))), seconds)


def _scaler(raw: Raw) -> ColumnTransformer:
    names = [name for name in raw if name != "label"]
    texts = [k for k, name in enumerate(names) if isinstance(raw[name][0], str)]
    others = [k for k in range(len(names)) if k not in texts]
    numbers = make_pipeline(SimpleImputer(add_indicator=True), StandardScaler())
    return ColumnTransformer([("numbers", numbers, others), ("texts", OneHotEncoder(handle_unknown="ignore"), texts)])


def _rows(raw: Raw) -> Any:
    columns = [np.asarray(values) for name, values in raw.items() if name != "label"]
    texts = any(column.dtype.kind == "U" for column in columns)
    return np.column_stack([column.astype(object) if texts else column for column in columns])


def _metric(name: str, truth: Any, predicted: Any) -> float:
    from sklearn import metrics

    measure = {"accuracy": "accuracy_score", "balanced_accuracy": "balanced_accuracy_score", "r2": "r2_score"}[name]
    return float(getattr(metrics, measure)(truth, predicted))


def split(data: DataSet, raw: Raw, seed: int) -> tuple[Raw, Raw]:
    """Training rows and held-out rows, stratified by class."""
    labels = np.asarray(raw["label"])
    rows = train_test_split(
        np.arange(labels.size), test_size=HELD_OUT, random_state=seed, stratify=None if data.is_regression else labels
    )
    first, second = ({name: _select(values, part) for name, values in raw.items()} for part in rows)
    return first, second


def _select(values: Any, rows: Any) -> Any:
    return values[rows] if isinstance(values, np.ndarray) else [values[k] for k in rows]


def scores(data: DataSet, trainer: Trainer, splits: int) -> list[Score]:
    """The score of each split."""
    raw = data.load()
    return [trainer(data, *split(data, raw, seed), seed) for seed in range(splits)]


def table_row(data: DataSet, splits: int) -> str:
    """Means over the splits, their difference with its standard error, and the seconds of a training."""
    both = [scores(data, trainer, splits) for trainer in (ours, scikit_learn)]
    ours_, theirs = (np.array([score.metric for score in side]) for side in both)
    error = (ours_ - theirs).std(ddof=1) / np.sqrt(splits) if splits > 1 else np.nan
    seconds = [float(np.median([score.seconds for score in side])) for side in both]
    return (
        f"| {data.name} | {data.metric} | {ours_.mean():.3f} | {theirs.mean():.3f} "
        f"| {(ours_ - theirs).mean():+.3f} ± {error:.3f} | {seconds[0]:.2f} | {seconds[1]:.2f} |"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", help="data sets, by default all")
    parser.add_argument("--splits", type=int, default=10)
    arguments = parser.parse_args()
    print("| data | metric | ours | scikit-learn | difference | ours, seconds | scikit-learn, seconds |")
    print("| --- | --- | --: | --: | --: | --: | --: |")
    for data in DATA_SETS:
        if not arguments.names or data.name in arguments.names:
            print(table_row(data, arguments.splits), flush=True)


if __name__ == "__main__":
    main()
