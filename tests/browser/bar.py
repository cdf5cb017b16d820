"""What the bar and the foot of a board do, whatever board it is: Step, Reset, New seed, Speed, Restore, Export."""

import base64
import csv
import io
import json
import struct

import pytest

from tests.browser.presses import listed

PACED = """() => {
  const note = ({k}, phase) => { if (phase === 'received') paced.push([k, performance.now()]); };
  if (!globalThis.paced) nn4.listeners.push(note);
  globalThis.paced = [];
}"""
SLOW = 250  # ms from one step to the next at the speed of that name
# What stands on the page's controls, whatever the kernel believes.
CONTROLS = """cell => [...cell.querySelectorAll('.nn4-control')].map(control => {
  const field = control.querySelector('select, input'), shown = control.querySelector('.widget-readout')?.textContent;
  return shown ?? (field.type === 'checkbox' ? field.checked : field.value);
})"""
COLOURS = """async data => {
  const picture = new Image();
  picture.src = 'data:image/png;base64,' + data;
  await picture.decode();
  const pen = new OffscreenCanvas(picture.width, picture.height).getContext('2d');
  pen.drawImage(picture, 0, 0);
  return new Set(new Uint32Array(pen.getImageData(0, 0, picture.width, picture.height).data.buffer)).size;
}"""


def step_reset_seed_restore(hand):
    """Step does one, Reset begins anew with the same numbers, New seed with others; Restore brings all back."""
    board, plays = hand.restored().board, hand.table.plays
    seed = board.root.locator(".nn4-seed")
    controls, seeded, saved = board.within.evaluate(CONTROLS), seed.inner_text(), json.dumps(hand.state())
    hand.step(1)
    assert board.round == 1
    first = hand.step(3).shown(plays)
    board.button("Reset").click()
    board.until_quiet()
    assert board.round == 0 and seed.inner_text() == seeded
    assert hand.step(4).shown(plays) == first
    board.button("New seed").click()
    board.until_quiet()
    assert board.round == 0 and seed.inner_text() != seeded
    assert hand.step(4).shown(plays) != first
    field, press = next(iter(hand.table.controls.items()))
    hand.move(field, listed(press)[0])
    assert board.within.evaluate(CONTROLS) != controls
    board.root.locator(".nn4-state").fill(saved)
    board.button("Restore").click()
    board.until_quiet()
    board.page.wait_for_function(
        f"([cell, controls]) => ({CONTROLS})(cell).join() === controls.join()",
        arg=[board.within.element_handle(), controls],
    )
    assert seed.inner_text() == seeded


def play_slowly(hand):
    """Play at a slow speed does a step at a time, with a pause between them; Pause stops it."""
    board = hand.restored().board
    usual = board.speed_now
    board.speed("slow")
    board.page.evaluate(PACED)
    board.play()
    board.page.wait_for_function("() => Math.max(...paced.map(([k]) => k)) >= 3")
    board.pause()
    done = board.round
    steps = dict(reversed(board.page.evaluate("paced")))  # of each number the first frame
    assert list(range(done + 1)) == sorted(steps.keys() | {0})
    assert steps[3] - steps[1] > 1.2 * SLOW  # a frame that was late makes the next pause shorter
    board.speed(usual)
    assert board.round == done and board.state == "paused"


def export(hand, browser, path):
    """Pictures, page and history are files with the charts as they are now."""
    board, curve = hand.restored().step(6).board, hand.table.curve
    titles = board.root.locator(".nn4-title").all_inner_texts()

    png = _downloaded(board, "Charts as PNG", path).read_bytes()
    width, height = struct.unpack(">II", png[16:24])
    assert png.startswith(b"\x89PNG\r\n") and width > 1200 and height > 600
    assert board.page.evaluate(COLOURS, base64.b64encode(png).decode()) > 50  # it is not blank

    page = browser.new_page()
    said = []
    page.on("pageerror", lambda error: said.append(str(error)))
    page.goto(_downloaded(board, "Charts as HTML", path).as_uri())
    page.wait_for_function(
        "n => document.querySelectorAll('.js-plotly-plot .main-svg:first-child').length >= n", arg=len(titles)
    )
    words = page.locator("body").inner_text()
    page.close()
    assert said == [] and hand.made.title in words and "seed 0" in words and all(title in words for title in titles)

    rows = list(csv.DictReader(io.StringIO(_downloaded(board, "History as CSV", path).read_text(encoding="utf-8"))))
    last = {row["trace"]: (float(row["x"]), float(row["value"])) for row in rows if row["chart"] == curve}
    drawn = {trace["name"]: (trace["x"][-1], trace["y"][-1]) for trace in board.traces(curve)}
    assert last.keys() == drawn.keys() and len(last) > 1
    for trace, point in drawn.items():
        assert last[trace] == pytest.approx(point, rel=1e-5)


def _downloaded(board, name, folder):
    """The file that an entry of the menu gives."""
    board.button("Export").click()
    with board.page.expect_download() as download:
        board.button(name).click()
    path = folder / download.value.suggested_filename
    download.value.save_as(path)
    return path
