"""A hand that presses everything on a board by its table, and sees whether it did what it says.

A run is the same from the same start. So each press is compared with as many steps without it, and a control that
did nothing is found out also where no words can be foretold.
"""

import json
import re

import pytest

from tests.browser.hand import OTHER, SAYS, STATUS, Hand
from tests.browser.pages import SEEN, pressed, stop
from widgets.controls.controls import controls_of, defaults_of

FREE = "root => !root.closest('.nn4-dashboard').querySelector('.nn4-play:disabled, .nn4-control :disabled')"


class Presses(Hand):
    """Of one board of a page, everything that its table names."""

    def __init__(self, page, cell, table):
        super().__init__(page, cell, table)
        self._without = {}

    # -- predict ---------------------------------------------------------------------------------------------

    def predict(self):
        """Answer what is not answered yet; what a question holds is dead until then, and no longer."""
        for question, place in self._asked():
            commit = place.get_by_role("button", name="Commit")
            if not commit.count():
                continue
            held = [self.board.control(name).root.locator("input, select") for name in question.holds if name != "play"]
            if "play" in question.holds:
                held += [self.board.button(name) for name in ("Play", "Step", self.made.experiments[0].name)]
            assert not any(each.is_enabled() for each in held)
            answer = self.table.questions[question.name].answer
            if question.choices:
                place.get_by_role("radio", name=answer, exact=True).check()
            else:
                place.locator("input").fill(answer)
            commit.click()
            place.locator(SEEN).filter(has_text="you predicted: ").wait_for()
        self.board.until(FREE)

    def sees(self, after):
        """What was seen stands beside each answer that this press was to show."""
        for question, place in self._asked():
            predicted = self.table.questions[question.name]
            if predicted.after == after:
                place.locator(SEEN).filter(has_text=re.compile(predicted.says)).wait_for()

    def _asked(self):
        places = self.board.within.locator(".nn4-question")
        return [(question, places.nth(i)) for i, question in enumerate(self.made.questions)]

    # -- the controls ----------------------------------------------------------------------------------------

    def press(self):
        """Every control does what the table says, and Restore takes all of it back."""
        first = self.restored().shown(self.table.plays)
        for field in self.table.controls:
            self.press_one(field)
        assert self.restored().shown(self.table.plays) == first and self.state() == near(self.start)

    def press_one(self, field):
        """A control, in all the ways that the table has for it."""
        for press in listed(self.table.controls[field]):
            self._press(field, press)
        self.sees(field)

    def _press(self, field, press):
        live, steps = controls_of(self.made.spec)[field].live, press.first + press.steps
        without = self._baseline(press.panel, steps)
        before = self._begun(press.first).shown(press.panel)
        moved = self.move(field, press)
        if not live:
            self.board.within.locator(f".nn4-control-{field}.nn4-needs-reset").wait_for()
            assert self.shown(press.panel) == before  # it waits for the reset
            self.reset()
        elif press.steps:
            self.page.notebook.ask("0")  # the kernel has heard of the move before it hears of the step
        else:
            self.until_other(press.panel, before)
        if press.steps:
            self.step(press.steps)
        if press.says:
            self.until_says(press.panel, press.says(moved) if callable(press.says) else press.says)
        assert self.shown(press.panel) != without, f"{field} did nothing"

    def _begun(self, steps):
        """So many steps from the start."""
        self.restored()
        return self.step(steps) if steps else self

    def _baseline(self, panel, steps):
        """What a panel shows after so many steps from the start, if nothing is pressed."""
        if steps not in self._without:
            self._begun(steps)
            self._without[steps] = {name: self.shown(name) for name in (*self.board.panels, STATUS)}
        return self._without[steps][panel]

    # -- the experiments -------------------------------------------------------------------------------------

    def experiment(self):
        """Each from controls that stand elsewhere: they go where it says, and it shows what the table says."""
        more = self.board.within.locator(".nn4-experiments").get_by_role("button", name="More", exact=True)
        if more.count():
            more.click()
        for each in self.made.experiments:
            seen, fields = self.table.experiments[each.name], json.loads(json.dumps(each.fields))
            self.restored(**elsewhere(self.made.spec, each.fields))
            before = self.shown(seen.panel)
            assert not (seen.says and re.search(seen.says, before[0]))  # else it would show nothing
            pressed(self.board, each.name)
            self.board.within.locator(".nn4-look").filter(has_text=f"Look: {each.look}").wait_for()
            self.board.until_state(*(("running", "done", "error") if each.play else ("ready", "done")))
            if seen.steps:
                self.step(seen.steps)
            self.board.until(
                f"(root, [p, says, old]) => ({SAYS})(root, [p, says]) && ({OTHER})(root, [p, old])",
                [seen.panel, seen.says, before],
            )
            self.sees(each.name)
            if self.board.state == "running":
                stop(self.board)
            self.rest()
            state = self.state()
            assert {name: state[name] for name in fields} == near(fields)
        self.restored()


def near(values):
    """The same values; a slider of equal factors stands on its grid, where 5 is 5.01."""
    return {name: pytest.approx(value, rel=5e-3) if type(value) is float else value for name, value in values.items()}


def listed(press):
    return press if isinstance(press, tuple) else (press,)


def elsewhere(spec, fields):
    """For each field, a value that an experiment does not set it to: the usual one, or one as far off as it goes."""
    known, usual = controls_of(spec), defaults_of(spec)

    def other(name, value):
        control = known[name]
        ends = {
            "switch": (False, True), "choice": tuple(option for _, option in control.options),
            "slider": (control.high, control.low),
        }  # fmt: skip
        return next(each for each in (usual[name], *ends[control.kind]) if each != value)

    return {name: other(name, value) for name, value in fields.items()}
