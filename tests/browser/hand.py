"""A hand on a board: what it shows, steps, resets, and what Save state and Restore make of it."""

import json

import widgets
from widgets.controls.controls import defaults_of
from widgets.controls.state_text import write_state

STATUS = "status"  # stands for the status line among the panels

# What one panel shows: its number and words, and its ink.
SHOWN = """(root, panel) => {
  if (panel === 'status') return [root.querySelector('.nn4-status').textContent, ''];
  const card = root.querySelector(`.nn4-card[data-panel="${panel}"]`);
  const live = card.querySelector('.nn4-live').textContent;
  const words = card.querySelector('.nn4-words, .nn4-boxes');
  if (words) return [`${live}\\n${words.textContent}`, ''];
  const names = ['transform', 'd', 'href', 'xlink:href'];
  const ink = [...card.querySelectorAll('.mlayer path, .mlayer image')];
  return [live, ink.map(e => names.map(name => e.getAttribute(name) ?? '').join(' ')).join('|')];
}"""
OTHER = f"(root, [panel, before]) => ({SHOWN})(root, panel).join() !== before.join()"
SAYS = f"(root, [panel, pattern]) => new RegExp(pattern).test(({SHOWN})(root, panel)[0])"
STEPS = "(button, times) => { for (let i = 0; i < times; i++) button.click(); }"
STATE = "root.querySelector('.nn4-status').dataset.state"
AT_REST = f"(root, states) => !root.hasAttribute('data-busy') && states.includes({STATE})"
RESTORE = """(root, text) => {
  const box = root.querySelector('.nn4-state');
  const button = [...root.querySelectorAll('.nn4-files button')].find(button => button.textContent === 'Restore');
  if (box.hidden) button.click();  // it opens the box
  box.value = text;
  button.click();
}"""


class Hand:
    """Of one board of a page.

    Args:
        page: `CoursePage`. cell: of the board. table: `Table`, what there is to press.

    Attributes:
        board: on the page. made: its class.
    """

    def __init__(self, page, cell, table):
        self.page, self.table = page, table
        self.made = getattr(widgets, table.board)
        self.board = page.shown(cell)
        usual = defaults_of(self.made.spec) | table.start
        self.start = json.loads(write_state(table.board, usual, seed=0))

    # -- what it shows and does ------------------------------------------------------------------------------

    def shown(self, panel):
        return self.board.root.evaluate(SHOWN, panel)

    def until_other(self, panel, before):
        self.board.until(OTHER, [panel, before])

    def until_says(self, panel, pattern):
        self.board.until(SAYS, [panel, pattern])

    def step(self, times):
        """So many steps, fewer where the run ends before."""
        self.board.button("Step").evaluate(STEPS, times)
        return self.rest()

    def rest(self):
        """Wait until nothing is under way."""
        self.board.until(AT_REST, ["ready", "paused", "done", "error"])
        return self

    def reset(self):
        self.board.button("Reset").evaluate(STEPS, 1)
        return self.rest()

    def state(self):
        """Controls and seed, as Save state gives them."""
        box = self.board.root.locator(".nn4-state")
        box.evaluate("box => { box.value = ''; }")
        self.board.button("Save state").evaluate(STEPS, 1)
        self.board.until("root => root.querySelector('.nn4-state').value")
        return json.loads(box.input_value())

    def restored(self, **fields):
        """Begin from the table's start by Restore, with other values of some fields."""
        self.board.root.evaluate(RESTORE, json.dumps(self.start | fields, ensure_ascii=False))
        self.rest()
        assert not self.board.root.locator(".nn4-wrong").inner_text() and self.board.round == 0
        return self

    def move(self, field, press):
        """Move a control; its value then, of a slider."""
        name, *arguments = press.move
        return getattr(self.board.control(field), name)(*arguments)
