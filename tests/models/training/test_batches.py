"""Every row is in one batch of each epoch, with its label and its weight, whatever the sizes of rows and blocks."""

import numpy as np
import pytest

from models.training import batches
from models.training.batches import Batches, Rows, with_ones
from models.training.losses.regression import Mse


def rows_of(n_rows, is_streamed=False):
    """Rows whose feature, label and weight are their number, ten and a hundred times."""
    x = np.arange(n_rows, dtype=float)[:, None]
    weight = 100 * np.arange(n_rows, dtype=float)[None]
    return Rows(x if is_streamed else with_ones(x, np.dtype(float)), 10 * x.T, weight, is_streamed)


def read(epoch):
    """The numbers of the rows in each batch of each block, after checking that labels and weights belong to them."""
    blocks = []
    for block in epoch:
        blocks.append([])
        for n_rows, x, y, weight, out in block.batches:
            assert x.shape == (2, n_rows)
            assert out.shape == (1, n_rows)
            np.testing.assert_array_equal(x[1], 1.0)
            np.testing.assert_array_equal(y[0], 10 * x[0])
            np.testing.assert_array_equal(weight[0], 100 * x[0])
            blocks[-1].append(x[0].astype(int).tolist())
    return blocks


@pytest.mark.parametrize("is_streamed", [False, True])
@pytest.mark.parametrize("has_order", [False, True])
def test_each_epoch_has_every_row_once_in_its_order(monkeypatch, is_streamed, has_order):
    monkeypatch.setattr(batches, "BLOCK_NUMBERS", 12)  # two columns: six rows, three batches of two
    epochs = Batches(rows_of(15, is_streamed), 2)
    order = np.arange(15)[::-1].copy() if has_order else None
    numbers = list(range(15))[::-1] if has_order else list(range(15))
    expected = [numbers[:6], numbers[6:12], numbers[12:]]
    for _ in range(2):
        assert read(epochs.blocks(order)) == [
            [block[start : start + 2] for start in range(0, len(block), 2)] for block in expected
        ]


@pytest.mark.parametrize(
    ("n_rows", "size", "expected"), [(10, 5, 2), (10, 3, 4), (10, 10, 1), (10, 99, 1), (1, 1, 1), (11, 5, 3)]
)
def test_the_number_of_batches_counts_the_last_short_one(n_rows, size, expected):
    epochs = Batches(rows_of(n_rows), size)
    assert epochs.n_batches == expected
    assert sum(len(block) for block in read(epochs.blocks(None))) == expected


def test_a_batch_larger_than_a_block_is_not_cut(monkeypatch):
    monkeypatch.setattr(batches, "BLOCK_NUMBERS", 4)
    assert read(Batches(rows_of(10), 5).blocks(None)) == [[[0, 1, 2, 3, 4]], [[5, 6, 7, 8, 9]]]


def test_streamed_rows_are_shuffled_block_by_block(monkeypatch):
    monkeypatch.setattr(batches, "BLOCK_NUMBERS", 12)
    order = Batches(rows_of(20, is_streamed=True), 2).order(np.random.default_rng(0))
    assert sorted(order.tolist()) == list(range(20))
    assert order.tolist() != list(range(20))
    first_of_block = [0, 6, 12, 18]
    for start, block in [(start, set(range(start, min(start + 6, 20)))) for start in first_of_block]:
        places = [place for place, row in enumerate(order.tolist()) if row in block]
        assert places == list(range(places[0], places[0] + len(block))), start


def test_rows_in_memory_are_shuffled_as_a_whole(monkeypatch):
    monkeypatch.setattr(batches, "BLOCK_NUMBERS", 4)
    order = Batches(rows_of(50), 2).order(np.random.default_rng(0))
    np.testing.assert_array_equal(order, np.random.default_rng(0).permutation(50))


def test_the_sum_of_losses_is_that_of_the_weighted_rows():
    [block] = Batches(rows_of(3), 2).blocks(None)
    for batch in block.batches:
        batch.out[...] = batch.y + 1  # each row is wrong by 1, so that the loss is the sum of the weights
    assert block.loss_sum(Mse()) == 0 + 100 + 200
