"""A slider moved by one key, until the chart that shows it is painted.

The time runs from the browser's own time of the key to the frame after the chart was drawn, on the page's clock. While
it runs nobody asks the page anything: a question of the measuring script (what does the slider say? is it drawn?) takes
the page 10 to 20 ms on this side of the answer. What counts as shown is the number in the panel's title that follows
the slider, not any other frame of a play.
"""

from dataclasses import dataclass

from tests.benchmarks.desk import median, percentile

PAUSED, PLAYING = (60, 110), (100, 140)  # goals: median and 95th percentile, ms
LOST = 5000  # ms after which nobody waits any more
UNASKED = 300  # ms from a key to the first question
REST, SPREAD = 60, 90  # ms from a question to the next key: another moment between two frames every time

# Watch every frame: when it was drawn, how far the run was then, and what stands in the panel's title.
WATCH = """panel => {
  globalThis.seen = {keys: [], drawn: []};
  addEventListener('keydown', event => seen.keys.push(event.timeStamp), true);
  nn4.listeners.push((message, phase) => {
    if (phase !== 'drawn') return;
    const entry = {k: message.k, text: message.t?.[panel], at: 0};
    requestAnimationFrame(() => setTimeout(() => { entry.at = performance.now(); seen.drawn.push(entry); }));
  });
}"""
UNTIL_SHOWN = """async ([pattern, number, near, patience]) => {
  const end = performance.now() + patience;
  const says = text => Number(text.match(pattern)[1].replace('−', '-'));
  for (;;) {
    const shown = seen.drawn.find(entry => entry.at && entry.text && Math.abs(says(entry.text) - number) < near);
    if (shown) return [shown.at, shown.at - seen.keys.at(-1)];
    if (performance.now() > end) return null;
    await new Promise(resolve => setTimeout(resolve, 10));
  }
}"""


@dataclass
class Moved:
    """A slider, and the number that follows it.

    Args:
        board: of the notebook's page. field: the slider. panel: whose title is read.
        pattern: a regular expression, whose first group is the number. step: of the slider.
        says: the number for a value of the slider.
        turns: keys to the left, after which it goes back.
    """

    board: object
    field: str
    panel: str
    pattern: str
    step: float
    turns: int
    says: object = float

    def __post_init__(self):
        self.page, self.control = self.board.page, self.board.control(self.field)
        self.value, self.keys = self.control.value, 0
        self.page.evaluate(WATCH, self.panel)

    def press(self):
        """One key; (when it was shown, by the page's clock; how long that took) in ms, or None: it never was."""
        left = self.keys % (2 * self.turns) < self.turns
        self.value = round(self.value + (-self.step if left else self.step), 6)
        self.control.handle.focus()
        self.page.evaluate("() => { seen.keys.length = 0; seen.drawn.length = 0; }")
        self.page.wait_for_timeout(REST + self.keys * 37 % SPREAD)
        self.keys += 1
        self.page.keyboard.press("ArrowLeft" if left else "ArrowRight")
        self.page.wait_for_timeout(UNASKED)
        return self.page.evaluate(UNTIL_SHOWN, [self.pattern, self.says(self.value), 0.3 * self.step, LOST])

    def rows(self, how, moves, goals):
        """The lines of the table for so many moves, after five that do not count."""
        waits = [self.press() for _ in range(moves + 5)][5:]
        shown = [wait[1] for wait in waits if wait is not None]
        middle, most = goals
        return [
            row(f"slider moved -> repainted, {how}: median (ms)", shown, f"<= {middle}", ".0f"),
            row(f"slider moved -> repainted, {how}: p95 (ms)", shown, f"<= {most}", ".0f", share=0.95),
            row(f"moves that were never shown, {how}", [len(waits) - len(shown)], "0", "d"),
        ]


def row(what, values, goal, form, share=0.5):
    """One line of the table: the median (or another percentile), and between what all values lie."""
    middle = median(values) if share == 0.5 else percentile(values, share)
    found = f"{middle:{form}} ({min(values):{form}} .. {max(values):{form}})"
    return {"what": what, "found": found, "value": middle, "values": [round(v, 4) for v in values], "goal": goal}
