"""Masks: those that are timed are the lab's, and who takes part is compared."""

import numpy as np

import lab
from lab.bench import masks
from lab.bench.session import Session


def test_the_masks_that_are_timed_are_those_of_the_lab():
    draw = masks.lab_masks()
    draw()
    scales = draw()
    kept = lab.dropout_mask(seed=0, rows=np.arange(masks.SHAPE[0]), units=masks.SHAPE[1], keep=0.9, step=2, layer=1)
    assert np.array_equal(scales > 0, kept) and set(np.unique(scales)) == {np.float32(0), np.float32(1 / 0.9)}


def test_masks_are_compared_with_those_who_take_part(session):
    assert 0.89 < masks.numpy_masks()().mean() < 0.91
    masks.mask_rows(session)
    (row,) = session.rows
    assert (row["workload"], row["peer"], row["goal"]) == ("dropout masks", "numpy", 5.0)
    nobody = Session([], 1, 0.0)
    masks.mask_rows(nobody)
    assert nobody.rows == [] and "torch and numpy" in nobody.notes[0]
