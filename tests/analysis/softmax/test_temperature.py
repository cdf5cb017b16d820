"""Temperature on a trained network: what it changes, what it cannot change, and that its best value is the best."""

import pytest

import lab
from lab.analysis.softmax import TEMPERATURES, TemperatureStudy
from lab.errors import SettingError
from lab.losses import softmax_cross_entropy


@pytest.fixture(scope="module")
def study():
    """A network that has learned 150 digits by heart."""
    net = lab.NN4((64, 64, 64, 64, 10), keep=1, batchnorm=False, bias=True, backend="reference")
    run = TemperatureStudy(net, lab.load("digits"), samples=150, epochs=60)
    with pytest.raises(SettingError, match="once the network is trained"):
        run.at(1)
    list(run)
    return run


def test_accuracy_does_not_change_and_the_loss_does(study):
    assert [each.temperature for each in study.seen] == list(TEMPERATURES)
    assert len({each.accuracy for each in study.seen}) == 1 and study.seen[0].accuracy > 0.8
    assert max(each.test_loss for each in study.seen) > 2 * min(each.test_loss for each in study.seen)


def test_the_best_temperature_has_the_least_loss_on_the_samples_it_was_chosen_with(study):
    best, _ = study.at(study.best)
    assert best.fit_loss <= min(each.fit_loss for each in study.seen)
    assert all(best.fit_loss < study.at(study.best * factor)[0].fit_loss for factor in (0.99, 1.01))
    assert study.best > 1  # what is learned by heart is too sure of itself
    assert best.test_loss < study.at(1)[0].test_loss and best.calibration < study.at(1)[0].calibration


def test_no_sample_is_in_two_parts(study):
    data = lab.load("digits")
    learned = len(data.train_x) + len(data.test_x) - len(study.test_x) - len(study._fit_x)
    assert (learned, len(study._fit_x)) == (150, 500) and study.test_z.shape == (len(study.test_x), 10)
    assert softmax_cross_entropy(study.test_z, study.test_y) == pytest.approx(study.at(1)[0].test_loss)


def test_bad_input_is_named():
    data = lab.load("digits")
    one = lab.NN4((64, 8, 8, 8, 1), batchnorm=False)
    with pytest.raises(SettingError, match="one output"):
        TemperatureStudy(one, lab.load("digits", classes=2))
    net = lab.NN4((64, 8, 8, 8, 10), batchnorm=False)
    for given in ({"samples": 1}, {"samples": 5000}, {"chosen": 1600}, {"epochs": 0}):
        with pytest.raises(SettingError, match=f"{next(iter(given))} = "):
            TemperatureStudy(net, data, **given)


def test_a_study_that_is_closed_is_at_its_end():
    net = lab.NN4((64, 8, 8, 8, 10), batchnorm=False, bias=True)
    run = TemperatureStudy(net, lab.load("digits"), samples=20)
    next(run)
    run.close()
    assert list(run) == [] and not run.trained
