"""The first dashboard without a browser: controls in, run and charts out."""

from types import SimpleNamespace

import numpy as np
import pytest

import lab
from lab.errors import DataMissingError, SettingError, ShardError
from lab.events import Changed, EpochDone, RoundDone, ShardReport
from lab.presets import widths
from widgets.dashboard import Now
from widgets.nn4.mnist import SAMPLES, UNITS, MnistDashboard, MnistSpec


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


@pytest.fixture
def board(make):
    """A board whose run has done two rounds."""
    board = make()
    board.run(2)
    return board


def move(board, **values):
    for name, value in values.items():
        board.controls[name].value = value


def net_of(board):
    return board.session.run.run.net


def views(board):
    return net_of(board).views(net_of(board).params)


def mask(board):
    ((_, _, z),) = board.session.memories["mask"].arrays()
    return z.astype(bool)


def text(board, panel):
    return board.session.memories[panel].text


def marks(board):
    return [words for _, words in board.session.memories["loss"].marks]


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


@pytest.mark.parametrize(
    ("field", "value", "seen"),
    [
        ("keep", 0.5, lambda run: run.net.keep == 0.5),
        ("dropout", False, lambda run: run.net.keep == 1.0),
        ("batchnorm", False, lambda run: not run.net.batchnorm),
        ("delta", 0.5, lambda run: run.settings.delta == 0.5),
        ("K", 16, lambda run: run.settings.K == 16),
        ("P", 3, lambda run: run.settings.workers == "threads:3"),
        ("hold", True, lambda run: run.settings.hold),
    ],
)
def test_control_acts_at_the_next_round_and_is_marked(board, field, value, seen):
    run = board.session.run.run
    assert not seen(run)
    move(board, **{field: value})
    board.run(1)

    assert seen(run)
    (mark,) = marks(board)
    assert mark.startswith({"dropout": "keep p"}.get(field, field))


@pytest.mark.parametrize("name", ["gamma", "beta"])
@pytest.mark.parametrize("layer", [1, 3])
def test_gamma_and_beta_are_written_to_all_features_of_one_layer_and_learned_from_there(board, name, layer):
    before = {n: v.copy() for n, v in views(board).items()}
    move(board, layer=layer, hold=True, **{name: 2.5})
    board.run(1)

    assert marks(board) == [f"hold = on, {name}{layer} = 2.5"]
    assert (views(board)[f"{name}{layer}"] == 2.5).all()
    other = 4 - layer
    assert np.array_equal(views(board)[f"{name}{other}"], before[f"{name}{other}"])
    move(board, hold=False)
    board.run(3)
    assert not (views(board)[f"{name}{layer}"] == 2.5).all()


def test_choosing_a_layer_alone_changes_nothing(board):
    move(board, layer=1, mask=3)
    board.run(1)

    assert marks(board) == []


def test_keep_waits_while_dropout_is_off(board):
    move(board, dropout=False, keep=0.4)
    board.run(1)
    assert net_of(board).keep == 1.0 and mask(board).all()
    move(board, dropout=True)
    board.run(1)
    assert net_of(board).keep == 0.4


def test_blind_network_guesses(make):
    board = make()
    board.preset("blind: gamma3 = 0, held")
    shown = board.run(100)

    assert shown["loss: test"] == pytest.approx(np.log(10), abs=0.05)
    assert shown["accuracy: test digits misread"] > 85


@pytest.mark.parametrize("name", MnistDashboard.presets)
def test_preset_begins_anew_and_trains(board, name):
    move(board, keep=0.3, delta=3.0)
    board.preset(name)
    assert board.session.steps == 0

    assert board.run(2)["rounds"] == 2
    assert board.values.keep != 0.3 and board.values.data == "digits"


@pytest.mark.parametrize(
    ("field", "value", "seen"),
    [
        ("batch", None, lambda run: run.settings.batch is None),
        ("classes", 2, lambda run: run.net.outputs == 1),
        ("backend", "reference", lambda run: run.net.dtype == np.float64 and run.net.backend.name == "reference"),
    ],
)
def test_what_needs_a_reset_says_so_and_acts_then(board, field, value, seen):
    move(board, **{field: value})
    board.run(1)
    assert not seen(board.session.run.run)
    assert "reset" in board.controls[field].description

    board.reset()
    board.run(1)
    assert seen(board.session.run.run)
    assert "reset" not in board.controls[field].description


def test_reset_writes_gamma_again_as_the_slider_shows_it(board):
    move(board, layer=2, gamma=0.5, hold=True)
    board.reset()
    board.run(1)

    assert (views(board)["gamma2"] == 0.5).all()


# ---- what is shown


def test_mask_is_another_one_in_every_round_and_its_kept_share_follows_p(board):
    for keep in (0.9, 0.5, 0.2):
        move(board, keep=keep)
        seen = []
        for _ in range(4):
            board.run(1)
            seen.append(mask(board).tobytes())
            assert mask(board).mean() == pytest.approx(keep, abs=0.03)
        assert len(set(seen)) == 4
        assert f"kept {mask(board).mean():.1%}" in text(board, "mask")


def test_mask_follows_p_at_once_while_paused_and_nothing_is_trained(board):
    before, params = mask(board), net_of(board).params.copy()
    move(board, keep=0.5)

    assert (mask(board) <= before).all() and mask(board).sum() < before.sum()  # the same draw, a higher bar
    assert np.array_equal(net_of(board).params, params)


def test_every_card_has_its_live_number(board):
    board.run(12)

    for panel in MnistDashboard.panels:
        assert any(sign.isdigit() for sign in text(board, panel.name)), panel.name


def test_error_of_nothing_has_a_place_on_the_logarithmic_axis():
    perfect = EpochDone(1, 11, 1437, 0.1, 0.1, 1.0, 0.1, 1.0, 1.0, 0.1, (1.0,), (0.0,))
    run = SimpleNamespace(data="small digits", rounds=11)
    frame = MnistDashboard.frame(perfect, Now(MnistSpec(), 0, run, 11))

    assert frame["accuracy"].arrays == (11, 0.01)
    assert frame["accuracy"].text == {"": "small digits: 100.0 %, error 0.0 %"}


def test_curves_do_not_mix_the_looks_within_an_epoch_with_its_end():
    """On MNIST a look takes 2,000 test digits, the end of an epoch all 10,000."""
    end = EpochDone(1, 469, 60000, 0.3, 0.1, 0.97, 0.1, 0.963, 2.0, 0.2, (2.0,), (0.0,))
    frame = MnistDashboard.frame(end, Now(MnistSpec(), 0, SimpleNamespace(data="MNIST", rounds=469), 469))

    assert list(frame) == ["accuracy"]
    assert frame["accuracy"].arrays is None and frame["accuracy"].text == {"all": "96.3 %"}


def test_history_is_bounded(board):
    shards = (ShardReport(0, 0, "cpu", 64, 1.0, 0.0, 1e-4, 1e-3),)
    for step in range(2, 5002):
        board.session.take(RoundDone(step, 1, 11, 0, 128, 1.0 / step, 1.0, shards, 0.0, 0.0, 0.0, 1e-3))
        if step % 10 == 0:
            board.session.take(Changed(step, 1, {"delta": step / 100}))

    x, y = board.session.memories["loss"].points(0)
    assert len(x) <= 1001 and x[-1] == 5001 and (np.diff(x) > 0).all() and np.isfinite(y).all()
    assert len(marks(board)) <= 40


def test_bars_follow_the_number_of_workers(board):
    move(board, P=3)
    board.run(1)

    assert board.session.run.times.shape == (2, 3)
    assert (board.session.run.times[0] > 0).all()


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


def test_gamma_without_batchnorm_is_refused_and_the_run_goes_on(board):
    move(board, batchnorm=False)
    board.run(1)
    move(board, gamma=2.0)

    assert "batchnorm" in str(board.session.refused)
    assert board.run(1)["rounds"] == 4


def test_before_the_first_round_the_mask_is_of_the_first_samples(make):
    board = make(keep=0.5)
    board.run(0)

    assert board.state == "ready"
    assert mask(board).shape == (SAMPLES, UNITS)
    assert 0.45 < mask(board).mean() < 0.55
