"""The first dashboard without a browser: it begins with the data that are here and the values it is given."""

import numpy as np
import pytest

import lab
from lab.errors import DataMissingError, SettingError, ShardError
from lab.events import EpochDone, RoundDone
from lab.presets import widths
from tests.widgets.mnist_reading import mask, move, net_of, text
from widgets.nn4.mnist import SAMPLES, UNITS, MnistDashboard


@pytest.fixture
def make():
    """Dashboards that are closed at the end."""
    made = []

    def one(**fields):
        made.append(MnistDashboard(**{"key": str(len(made)), "data": "digits"} | fields))
        return made[-1]

    yield one
    for board in made:
        board.close()


# ---- data


def test_without_mnist_the_small_digits_are_there_at_once_and_the_page_says_so(make, no_mnist):
    board = make(data="auto")
    board.run(0)

    assert text(board, "accuracy") == "small digits: 1,437 to learn, 360 to test"
    board.run(12)
    assert text(board, "accuracy").startswith("small digits: ")


def test_mnist_that_is_not_here_is_not_waited_for(make, no_mnist):
    board = make(data="mnist")

    with pytest.raises(DataMissingError, match=r"lab\.load\('mnist'\) in a cell"):
        board.run(1)
    assert board.state == "error"
    move(board, data="digits")
    board.reset()
    assert board.run(1)["rounds"] == 1


def test_real_mnist_is_taken_where_it_is(make, mnist_folder):
    board = make(data="auto")
    board.run(1)

    assert net_of(board).widths[0] == 784
    assert text(board, "accuracy") == "MNIST: 60,000 to learn, 10,000 to test"


# ---- what is trained


def test_it_is_the_run_of_five_lines(make):
    board = make(seed=3, keep=0.8, K=2, P=1)
    shown = board.run(30, digits=9)

    data = lab.load("digits")
    net = lab.NN4(widths("digits", 64, 10), keep=0.8, seed=3)
    run = lab.train(net, data, delta=0.1, K=2, batch=128, epochs=1000)
    events = []
    while net.step < 30:
        events.append(next(run))
    losses = [event.loss for event in events if isinstance(event, RoundDone)]
    epochs = [event for event in events if isinstance(event, EpochDone)]
    assert shown["loss: training, as optimized"] == pytest.approx(losses[-1])
    assert shown["loss: training, test mode"] == pytest.approx(epochs[-1].train_loss)
    assert shown["loss: test"] == pytest.approx(epochs[-1].test_loss)
    assert shown["accuracy: test digits misread"] == pytest.approx(100 * (1 - epochs[-1].test_accuracy))


def test_number_of_workers_changes_no_number(make):
    assert len({str(make(P=P).run(15)) for P in (1, 2, 3)}) == 1


def test_blind_network_guesses(make):
    board = make()
    board.preset("blind: gamma3 = 0, held")
    shown = board.run(100)

    assert shown["loss: test"] == pytest.approx(np.log(10), abs=0.05)
    assert shown["accuracy: test digits misread"] > 85


def test_before_the_first_round_the_mask_is_of_the_first_samples(make):
    board = make(keep=0.5)
    board.run(0)

    assert board.state == "ready"
    assert mask(board).shape == (SAMPLES, UNITS)
    assert 0.45 < mask(board).mean() < 0.55


# ---- what is not allowed


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"keep": 1.5}, "from 0.05 to 1"),
        ({"keep": 0}, "from 0.05 to 1"),
        ({"K": 65}, "from 1 to 64"),
        ({"P": 0}, "from 1 to 8"),
        ({"layer": 4}, r"one of \[1, 2, 3\]"),
        ({"data": "cifar"}, "mnist"),
        ({"learning_rate": 0.1}, "learning_rate is not known"),
    ],
)
def test_bad_value_names_what_is_allowed(make, fields, sentence):
    with pytest.raises(SettingError, match=sentence):
        make(**fields)


def test_mini_batches_of_one_sample_are_refused_with_a_way_out(make):
    with pytest.raises(ShardError, match="K <= 32"):
        make(batch=64, K=64).run(1)
