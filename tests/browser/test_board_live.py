"""The dashboard in a real JupyterLab: what is pressed and moved shows, at once and truly."""

import pytest

pytestmark = pytest.mark.browser

# The share of kept units in the mask that is drawn, and whether it is near to what is asked.
SHARE = """(root, [panel, keep]) => {
  const chart = root.querySelector(`.nn4-card[data-panel="${panel}"] .js-plotly-plot`);
  let kept = 0, all = 0;
  for (const row of chart.data[0].z) for (const unit of row) { kept += unit; all += 1; }
  return all > 500 && Math.abs(kept / all - keep) < 0.03;
}"""


def kept_follows(board, fraction):
    """Drag p, and wait until the mask that is drawn keeps that share."""
    keep = board.control("keep").drag(fraction)
    board.until(SHARE, ["mask", keep])
    return keep


def test_the_first_charts_stand_before_anything_is_pressed(board):
    assert {"loss", "accuracy", "time", "mask"} <= set(board.panels)
    for panel in board.panels:
        plot = board.root.locator(f".nn4-card[data-panel='{panel}'] .nn4-plot")
        title = board.root.locator(f".nn4-card[data-panel='{panel}'] .nn4-title").inner_text()
        assert plot.get_attribute("role") == "img"
        assert title and plot.get_attribute("aria-label").startswith(title)
    assert board.picture("mask")


def test_play_moves_the_curves(board):
    board.play()
    for panel in ("loss", "mask", "time"):
        first = board.until_picture_changes(panel, board.picture(panel))
        board.until_picture_changes(panel, first)
    board.until("root => root.querySelectorAll('[data-panel=loss] .js-line').length >= 3")  # every loss has begun
    assert all(board.live(panel) for panel in board.panels)


def test_mask_differs_from_frame_to_frame_and_its_kept_share_follows_p(board):
    board.play()
    seen = [board.picture("mask")]
    for _ in range(3):
        seen.append(board.until_picture_changes("mask", seen[-1]))
    assert len(set(seen)) == 4
    for fraction in (0.2, 0.7):
        kept_follows(board, fraction)
        assert board.state == "running"


def test_slider_that_is_moved_while_paused_changes_the_mask_at_once(board):
    board.play().until_frames(5)
    board.pause()
    loss = board.live("loss")
    for fraction in (0.3, 0.8):
        kept_follows(board, fraction)
    assert board.state == "paused"
    assert board.live("loss") == loss  # nothing was trained


def test_sliders_obey_the_keyboard(board):
    keep = board.control("keep")
    before = keep.value
    board.until(SHARE, ["mask", keep.press("ArrowLeft", times=10)])
    assert keep.value < before - 0.05


@pytest.mark.parametrize("field", ["delta", "K", "gamma", "beta"])
def test_control_acts_and_is_marked(board, field):
    board.play().until_frames(5)
    moved = board.control(field).drag(0.8)
    marks = board.until_marked("loss", f"{moved:g}")
    assert marks[-1].startswith(field) and len(marks) <= 8  # a drag of eight moves


def test_pause_stops_and_step_does_one_round(board):
    board.play().until_frames(5)
    board.pause()
    stopped = board.round
    frames = board.frames
    board.button("Step").click()
    board.until_round(stopped + 1)
    assert board.state == "paused"
    assert board.round == stopped + 1 and board.frames <= frames + 2


def test_reset_keeps_the_seed_and_new_seed_does_not(board):
    losses = []
    for press in ("Step", "Reset", "New seed"):
        if press != "Step":
            board.button(press).click()
            board.until_round(0)
        board.button("Step").click()
        board.until_round(1)
        losses.append(board.traces("loss")[0]["y"][-1])
    assert losses[0] == losses[1] != losses[2]


def test_speed_goes_from_slow_motion_to_fast(board):
    """Rounds in a frame: one, slowly, at the one end; many at the other."""
    rounds = {}
    for speed in (board.speeds[0], board.speeds[-1]):
        board.speed(speed)
        board.play()
        board.until_frames(2)
        before = board.round, board.frames
        board.until_frames(4)
        rounds[speed] = (board.round - before[0]) / (board.frames - before[1])
        board.pause()
    slow, fast = rounds.values()
    assert slow <= 1.5 and fast > 3 * slow


def test_keys_play_pause_step_and_reset(board):
    board.press("Space")
    board.until_state("running").until_frames(3)
    board.press("Space")
    board.until_state("paused").until_quiet()
    stopped = board.round
    board.press("s")
    board.until_round(stopped + 1)
    board.press("ArrowRight")
    board.until_round(stopped + 2)
    board.press("r")
    board.until_round(0)
    assert board.state in ("ready", "paused")
