"""A board on a page, as a user has it: what it says, what it shows, and what can be moved.

Every method waits for what it asks for, never for a time.
"""

import re

PATIENCE = 60_000  # ms: a wait ends with what it waits for; this only ends a test that would never end
IMPORT = "from widgets import MnistDashboard"
DASHBOARD = "d = MnistDashboard(data='digits')\nd"  # the same on every machine, with real MNIST or without

# What is drawn of one panel: the ink of its chart (lines, bars, pictures), as one string that changes with it.
PICTURE = """(root, panel) => {
  const chart = root.querySelector(`.nn4-card[data-panel="${panel}"] .nn4-plot`);
  const ink = [...chart.querySelectorAll('.mlayer path, .mlayer image')];
  const names = ['transform', 'd', 'href', 'xlink:href'];
  return ink.map(e => names.map(name => e.getAttribute(name) ?? '').join(' ')).join('|');
}"""
# What Plotly was given for one panel, as plain lists.
TRACES = """(root, panel) => {
  const plain = v => v == null || typeof v !== 'object' ? v : Array.from(v, plain);
  const card = root.querySelector(`.nn4-card[data-panel="${panel}"]`);
  const chart = card.querySelector('.js-plotly-plot') ?? card.querySelector('.nn4-plot');
  return (chart.data ?? []).map(({type, name, x, y, z}) => ({type, name, x: plain(x), y: plain(y), z: plain(z)}));
}"""
MARKS = """(root, panel) => {
  const chart = root.querySelector(`.nn4-card[data-panel="${panel}"] .js-plotly-plot`);
  return (chart?.layout.annotations ?? []).map(({hovertext}) => hovertext);
}"""
DRAWN = "root => root.querySelectorAll('.nn4-card').length > 0 && " + (
    "[...root.querySelectorAll('.nn4-plot')].every(plot => plot.querySelector('.main-svg'))"
)


class Board:
    """The board below a locator (a cell, a page).

    Args:
        page: of Playwright. within: the locator that holds the board. index: which one of several.
    """

    def __init__(self, page, within, index=0):
        self.page, self.within = page, within
        self.root = within.locator(".nn4-board").nth(index)

    # -- what it says and shows ------------------------------------------------------------------------------

    @property
    def state(self):
        return self.root.locator(".nn4-status").get_attribute("data-state")

    @property
    def says(self):
        """The words of the status line."""
        return self.root.locator(".nn4-status").inner_text()

    @property
    def panels(self):
        return self.root.locator(".nn4-card").evaluate_all("cards => cards.map(card => card.dataset.panel)")

    @property
    def frames(self):
        """Frames that all boards of this page have received so far."""
        return self.page.evaluate("nn4.frames")

    def live(self, panel):
        """The live number in a panel's title."""
        return self.root.locator(f".nn4-card[data-panel='{panel}'] .nn4-live").inner_text()

    @property
    def round(self):
        """Steps done, as the status line says."""
        return int(re.search(r"\d+", self.root.locator(".nn4-says").inner_text())[0])

    def marks(self, panel):
        """The words at the lines across a chart where something was changed."""
        return self.root.evaluate(MARKS, panel)

    def traces(self, panel):
        return self.root.evaluate(TRACES, panel)

    def picture(self, panel):
        return self.root.evaluate(PICTURE, panel)

    # -- waiting ---------------------------------------------------------------------------------------------

    def until(self, script, argument=None):
        """Wait until `script(root, argument)` is true on the page."""
        from playwright.sync_api import TimeoutError as TooLate

        handle = self.root.element_handle(timeout=PATIENCE)
        try:
            self.page.wait_for_function(f"([root, argument]) => ({script})(root, argument)", arg=[handle, argument])
        except TooLate as error:
            said = {"status": self.says} | {panel: self.live(panel) for panel in self.panels}
            raise AssertionError(f"waited for {argument!r}, but this is there: {said}") from error

    def until_state(self, *states):
        self.until("(root, states) => states.includes(root.querySelector('.nn4-status')?.dataset.state)", list(states))
        return self

    def until_drawn(self):
        """Wait for the first charts of all panels."""
        self.root.wait_for(timeout=PATIENCE)
        self.until(DRAWN)
        return self

    def until_quiet(self):
        """Wait until nothing is asked for or to be drawn: a frame that was asked for before Pause comes after it."""
        self.until("root => !root.hasAttribute('data-busy')")
        return self

    def until_picture_changes(self, panel, before):
        """Wait until a panel is drawn otherwise than before; what is drawn then."""
        self.until(f"(root, [panel, before]) => ({PICTURE})(root, panel) !== before", [panel, before])
        return self.picture(panel)

    def until_live_changes(self, panel, before):
        """Wait until a panel's live number is not what it was; what it is then."""
        number = f".nn4-card[data-panel='{panel}'] .nn4-live"
        self.until("(root, [number, before]) => root.querySelector(number).innerText !== before", [number, before])
        return self.live(panel)

    def until_marked(self, panel, words):
        """Wait until the last mark says these words; all marks then."""
        self.until(f"(root, [panel, words]) => ({MARKS})(root, panel).at(-1)?.includes(words)", [panel, words])
        return self.marks(panel)

    def until_round(self, number):
        """Wait until the status line says exactly this step."""
        says = "root.querySelector('.nn4-says').innerText.match(/\\d+/)?.[0]"
        self.until(f"(root, number) => Number({says}) === number", number)

    def until_frames(self, more):
        """Wait for some more frames."""
        self.page.wait_for_function("frames => nn4.frames >= frames", arg=self.frames + more)

    # -- what can be pressed ---------------------------------------------------------------------------------

    def button(self, name):
        return self.within.get_by_role("button", name=name, exact=True)

    def play(self):
        self.button("Play").click()
        return self.until_state("running")

    def pause(self):
        self.button("Pause").click()
        return self.until_state("paused").until_quiet()

    def press(self, key):
        """A key, with the board in focus."""
        self.root.focus()
        self.page.keyboard.press(key)

    @property
    def speeds(self):
        """The labels of all speeds, from slow to fast."""
        return self._speed.locator("option").all_inner_texts()

    @property
    def speed_now(self):
        return self._speed.evaluate("select => select.selectedOptions[0].label")

    def speed(self, label):
        self._speed.select_option(label=label)

    @property
    def _speed(self):
        return self.root.get_by_role("combobox", name="Speed")

    def control(self, field):
        return Control(self.page, self.within.locator(f".nn4-control-{field}").first)


class Control:
    """A control of a board: an ipywidgets slider, choice, switch or text, of ipywidgets 7 or 8."""

    def __init__(self, page, root):
        self.page, self.root = page, root
        self.handle = root.locator(".noUi-handle, .ui-slider-handle").first
        self.track = root.locator(".noUi-base, .ui-slider").first

    @property
    def value(self):
        """The number that stands beside a slider."""
        return float(self.root.locator(".widget-readout").inner_text().replace("−", "-"))

    def drag(self, fraction, steps=8):
        """Drag the slider with the mouse to a fraction of its way; its value then."""
        self.root.scroll_into_view_if_needed()
        track, handle = self.track.bounding_box(), self.handle.bounding_box()
        middle = handle["y"] + handle["height"] / 2
        self.page.mouse.move(handle["x"] + handle["width"] / 2, middle)
        self.page.mouse.down()
        self.page.mouse.move(track["x"] + fraction * track["width"], middle, steps=steps)
        self.page.mouse.up()
        return self.value

    def press(self, key, times=1):
        """Move the slider by the keyboard; its value then."""
        self.handle.focus()
        for _ in range(times):
            self.page.keyboard.press(key)
        return self.value

    def write(self, words):
        """Type a text in place of the one in the box, and leave the box."""
        box = self.root.locator("input, textarea")
        box.fill(words)
        box.blur()

    def choose(self, label):
        self.root.locator("select").select_option(label=label)

    def switch(self):
        """Press a toggle, or tick a box."""
        self.root.locator("input[type=checkbox], button").or_(self.root.locator("xpath=self::button")).first.click()
