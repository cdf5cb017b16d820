"""The table of NN4 with parts switched on and off: what is trained, what is told, and how it is told."""

import pytest

import lab
from lab.errors import SettingError
from lab.training.comparison import compare, nn4_variants

SMALL = {"seeds": (0, 1, 2), "hidden": (16, 8, 8), "progress": False, "delta": 0.2, "K": 2, "batch": 200, "epochs": 2}


@pytest.fixture(scope="module")
def digits():
    return lab.load("digits")


def test_variants_are_every_net_that_nn4_allows():
    settings = list(nn4_variants(0.8).values())

    assert [s["keep"] for s in settings] == [0.8] * 3 + [1.0] * 3
    assert sum(s["batchnorm"] for s in settings) == 2
    assert all(not (s["batchnorm"] and s.get("bias")) for s in settings)


def test_each_row_is_the_run_of_its_settings(digits):
    table = compare(digits, nn4_variants(), **SMALL)
    net = lab.NN4((64, 16, 8, 8, 10), keep=1.0, batchnorm=False, bias=True, seed=2)
    run = lab.train(net, digits, delta=0.2, K=2, batch=200, epochs=2)
    for _ in run:
        pass

    last = table.rows[-1]
    assert last.name == "no dropout, no batchnorm, bias"
    assert last.ends[2].test_loss == run.history.epochs[-1].test_loss


def test_median_and_range_are_over_the_seeds(digits):
    (row,) = compare(digits, {"nn4": {}}, **SMALL).rows
    accuracies = sorted(end.test_accuracy for end in row.ends)

    assert row.middle("test_accuracy") == accuracies[1]
    assert row.cells()[3:] == (f"{accuracies[1]:.1%}", f"{accuracies[0]:.1%} to {accuracies[2]:.1%}")


@pytest.mark.filterwarnings("ignore:overflow:RuntimeWarning")
def test_run_that_diverges_is_counted_not_hidden(digits):
    table = compare(digits, {"no batchnorm": {"batchnorm": False, "keep": 1.0}}, **SMALL | {"delta": 1e30})

    assert table.rows[0].cells() == ("no batchnorm", "-", "-", "-", "3 of 3 diverged")


def test_table_is_told_as_text_and_as_html(digits):
    table = compare(digits, {"nn4": {}}, **SMALL)

    assert "test accuracy" in str(table) and "3 seeds" in str(table) and "digits" in str(table)
    assert table._repr_html_().count("<td") == len(table.rows[0].cells())


@pytest.mark.parametrize(("variants", "seeds"), [({}, (0,)), ({"nn4": {}}, ())])
def test_nothing_to_compare_is_an_error(digits, variants, seeds):
    with pytest.raises(SettingError, match="nothing to compare"):
        compare(digits, variants, **SMALL | {"seeds": seeds})


def test_bad_setting_names_itself(digits):
    with pytest.raises(SettingError, match="keep = 2"):
        compare(digits, {"odd": {"keep": 2}}, **SMALL)
