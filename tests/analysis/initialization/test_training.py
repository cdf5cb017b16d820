"""Deep networks trained from several scales: their gradients, who learns, and over several seeds."""

import numpy as np
import pytest

import lab
from lab import rng
from lab.analysis.initialization import DeepMLP, RacedRound, ScaleRace, ScaleStudy, TrainedRun
from lab.analysis.initialization.scale_race import centred
from lab.errors import SettingError, StepSizeError
from lab.losses import softmax_cross_entropy
from tests.gradients import central_differences, distance

DATA = lab.load("digits", 10)
LANES = {"small": 0.5, "he": 2.0, "large": 8.0}
WITHOUT, WITH = dict.fromkeys(LANES, False), dict.fromkeys(LANES, True)


@pytest.mark.parametrize("batchnorm", [False, True])
def test_every_gradient_is_that_of_differences(batchnorm):
    net = DeepMLP(5, width=6, depth=3, classes=4, batchnorm=batchnorm, seed=2)
    for name, value in net.params.items():
        if not name.startswith("W"):
            value += 0.1 * rng.normals(7, (1, value.size), ord(name[0]))[0]
    x, y = rng.normals(3, (8, 5), 1), np.arange(8) % 4
    loss, grad = net.loss_gradient(x, y)
    assert loss > 0 and set(grad) == set(net.params)
    for name, value in net.params.items():
        numeric = central_differences(lambda: net.loss_gradient(x, y)[0], value)
        assert distance(grad[name], numeric) < 1e-6, name


def test_one_step_is_minus_delta_times_the_gradient():
    net = DeepMLP(5, width=6, depth=2, classes=3)
    x, y = rng.normals(3, (8, 5), 1), np.arange(8) % 3
    before = {name: value.copy() for name, value in net.params.items()}
    loss, grad = net.loss_gradient(x, y)
    learned = net.learn(x, y, 0.1)
    assert learned.loss == loss and learned.gradients[0] == pytest.approx(np.sqrt((grad["W1"] ** 2).mean()))
    for name in before:
        assert net.params[name] == pytest.approx(before[name] - 0.1 * grad[name])


def test_two_scales_of_one_seed_differ_by_a_factor():
    he, large = (DeepMLP(5, width=6, depth=2, scale=scale, seed=4) for scale in (2.0, 8.0))
    assert large.params["W2"] == pytest.approx(2 * he.params["W2"])
    assert (large.params["W3"] == he.params["W3"]).all()  # the logits' layer is the same at every scale


def test_first_weights_have_the_deviation_that_was_asked_for():
    W = DeepMLP(64, width=256, depth=2, scale=2.0).params["W2"]
    assert W.std() == pytest.approx(np.sqrt(2 / 256), rel=4 / np.sqrt(2 * W.size))


@pytest.fixture(scope="module")
def races():
    made = {}
    for name, lanes in (("without", WITHOUT), ("with", WITH)):
        made[name] = ScaleRace(DATA, LANES, lanes, seeds=3, rounds=80)
        assert isinstance(list(made[name])[-1], RacedRound)
    return made


def test_without_batchnorm_only_he_learns_from_every_seed(races):
    """Depth 12, delta 0.05, 80 rounds: too small stays at log 10, too large is lost at once, He learns to read."""
    lanes = races["without"].lanes
    assert lanes["small"].band()[:, -1] == pytest.approx(np.log(10), abs=0.01)
    assert set(lanes["large"].left) == {0, 1, 2} and max(lanes["large"].left.values()) <= 2
    assert np.isnan(lanes["large"].accuracy).all() and np.isnan(lanes["large"].band()[:, -1]).all()
    assert lanes["he"].band()[2, -1] < 1.6 and (lanes["he"].accuracy > 0.4).all() and not lanes["he"].left
    assert lanes["small"].accuracy.max() < 0.25
    ratio = lanes["small"].gradients[:, 0] / lanes["he"].gradients[:, 0]
    assert ratio.max() < 0.02  # this is why


def test_with_batchnorm_all_of_them_go_down(races):
    lanes = races["with"].lanes
    for lane in lanes.values():
        assert not lane.left and lane.band()[2, -1] < 2.0 < lane.band()[1, 0]
    assert lanes["small"].band()[2, -1] < lanes["large"].band()[1, -1]  # large weights take small steps, relatively


def test_a_band_is_over_the_seeds_and_a_lost_network_leaves_it(races):
    lane = races["without"].lanes["he"]
    losses = np.array(lane.losses)
    assert losses.shape == (80, 3)
    assert (lane.band()[0] == np.median(losses, axis=1)).all() and (lane.band()[1] == losses.min(axis=1)).all()


def test_a_race_takes_another_step_size_and_nothing_else():
    race = ScaleRace(DATA, {"he": 2.0}, {"he": False}, seeds=1, depth=2, width=8, rounds=3)
    race.change(delta=0.5)
    assert race.delta == 0.5
    with pytest.raises(StepSizeError, match="delta = 0"):
        race.change(delta=0)
    with pytest.raises(SettingError, match="depth cannot be changed"):
        race.change(depth=3)
    assert race.delta == 0.5 and len([e for e in race if isinstance(e, RacedRound)]) == 3


def test_samples_are_centred_by_the_training_set_alone():
    train, test = centred(DATA)
    assert abs(train.mean()) < 1e-9 and train.std() == pytest.approx(1) and abs(test.mean()) > 1e-6


def test_a_study_finds_where_training_begins_and_ends():
    study = ScaleStudy(DATA, rounds=60, seeds=2, depth=8, width=32, scales=(0.125, 2.0, 32.0))
    runs = [event for event in study if isinstance(event, TrainedRun)]
    assert runs == study.runs and len(runs) == study.total == 12
    without, norm = study.band(False), study.band(True)
    assert without[0, 0] == pytest.approx(study.chance, abs=0.02) and np.isinf(without[0, 2])
    assert without[2, 1] < 1.9 and (norm[2] < study.chance).all()
    assert study.learned(False, 0.9) == [2.0] and study.learned(True, 0.9)[:2] == [0.125, 2.0]
    losses = [run.loss for run in runs if run.scale == 2.0 and not run.batchnorm]
    assert without[:, 1] == pytest.approx((np.median(losses), min(losses), max(losses)))


def test_a_study_has_nothing_before_its_first_run():
    assert np.isnan(ScaleStudy(DATA, seeds=1).band(True)).all()


@pytest.mark.parametrize(
    ("make", "error", "says"),
    [
        (lambda: DeepMLP(0), SettingError, "inputs = 0"),
        (lambda: DeepMLP(4, scale=-1.0), SettingError, "scale = -1.0"),
        (lambda: DeepMLP(4, depth=2).learn(np.ones((2, 4)), np.zeros(2, int), 0), StepSizeError, "delta = 0"),
        (lambda: ScaleRace(DATA, {}, {}), SettingError, "do not fit"),
        (lambda: ScaleRace(DATA, {"a": 1.0}, {"b": True}), SettingError, r"\['a'\] and \['b'\]"),
        (lambda: ScaleRace(DATA, {"a": 1.0}, {"a": True}, batch=1), SettingError, "batch = 1"),
        (lambda: ScaleRace(DATA, {"a": 1.0}, {"a": True}, seeds=0), SettingError, "seeds = 0"),
        (lambda: ScaleRace(DATA, {"a": 1.0}, {"a": True}, delta=0), StepSizeError, "delta = 0"),
        (lambda: ScaleStudy(DATA, scales=()), SettingError, "at least one"),
        (lambda: ScaleStudy(DATA, scales=(0.0,)), SettingError, "scale = 0.0"),
        (lambda: ScaleStudy(DATA, rounds=0), SettingError, "rounds = 0"),
    ],
)
def test_what_is_not_allowed_is_refused(make, error, says):
    with pytest.raises(error, match=says):
        make()


def test_the_loss_before_the_first_step_is_near_guessing_at_small_scales():
    net = DeepMLP(64, scale=0.25)
    x, _ = centred(DATA)
    loss, _ = net.loss_gradient(x, DATA.train_y)
    assert loss == pytest.approx(np.log(10), abs=1e-3) == softmax_cross_entropy(np.zeros((1, 10)), np.zeros(1, int))
