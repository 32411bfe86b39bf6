"""The iris file: what a newcomer sends first."""

import csv

from sklearn.datasets import load_iris

from tests.support.processes import PROJECT

IRIS = PROJECT / "examples" / "iris.csv"


def test_the_file_holds_the_flowers_of_scikit_learn():
    peer = load_iris()
    with IRIS.open(newline="") as file:
        _, *rows = csv.reader(file)
    assert [[float(text) for text in row[:4]] for row in rows] == peer.data.tolist()
    assert [row[4] for row in rows] == peer.target_names[peer.target].tolist()


def test_the_defaults_give_a_good_model(server):
    job = server.train_file({"model": "iris-defaults", "label": "species", "training": {"seed": 7}}, IRIS)
    version = server.get(f"/models/iris-defaults/versions/{job['version']}")
    assert version["metrics"]["validation"]["accuracy"] >= 0.95
