"""Cards of words and boxes: nothing in them is HTML, and a box that is pressed moves a control like a hand."""

from dataclasses import dataclass
from typing import ClassVar

import pytest

from lab.errors import SettingError, ShapeError
from tests.widgets.conftest import Page
from widgets.dashboard import Dashboard, Diagram, Panel, Question, Words, choice

HARM = "<img src=x onerror=alert(1)> & <b>bold</b>\n    four spaces  ±δ"


@dataclass(frozen=True)
class Spec:
    part: str = choice("second", of=("first", "second"), label="part", live=True)
    other: int = choice(1, of=(1, 2), label="other")


class Boxes(Dashboard):
    title, spec, step_name = "Boxes", Spec, "step"
    panels = (
        Words("text", title="Text", height=100),
        Diagram("row", title="Row", boxes=("First", "Second"), field="part"),
    )

    def start(self, spec, seed):
        return iter(range(100))

    @staticmethod
    def frame(event, now):
        return {
            "text": Panel(lambda: Panel(f"{now.spec.part}: {HARM}", "live")),
            "row": Panel((0 if now.spec.part == "first" else 1, ("a\nb", f"{now.step} steps"))),
        }


class Held(Boxes):
    questions: ClassVar = (Question("which", "Which?", choices=("a", "b"), holds=("part",)),)


@pytest.fixture
def page(heard):
    yield Page(Boxes(), heard)
    for dashboard in list(Dashboard._open.values()):
        dashboard.close()


def words(frame, chart):
    return bytes(frame["arrays"][chart, 0, "words"]).decode()


def test_words_travel_as_they_are(page):
    frame = page.ask()
    assert words(frame, "text") == f"second: {HARM}" and frame["t"]["text"] == "live"
    assert words(frame, "row").split("\x1f") == ["a\nb", "0 steps"] and frame["arrays"]["row", 0, "open"].tolist() == [
        1
    ]


def test_a_box_that_is_pressed_moves_its_control_and_nothing_begins_anew(page):
    page.ask(3)
    said = page.tell(ask=page.dashboard.board.n + 1, q="b", steps=0, ms=40, do=[["move", ["part", 0]]])
    assert page.dashboard.controls["part"].value == "first" and page.dashboard.session.steps == 3
    assert page.dashboard.session.spec.part == "first"
    assert words([frame for frame in said if ("text", 0, "words") in frame["arrays"]][-1], "text").startswith("first")


def test_a_control_that_acts_after_a_reset_says_so_when_a_box_moves_it(page):
    page.ask(1)
    page.tell(ask=page.dashboard.board.n + 1, q="b", steps=0, ms=40, do=[["move", ["other", 1]]])
    assert (
        page.dashboard.controls["other"].value == 2 and "needs a reset" in page.dashboard.controls["other"].description
    )


@pytest.mark.parametrize("argument", [["nothing", 0], ["part", 2], ["part", -1]])
def test_what_is_no_option_moves_nothing(page, argument):
    page.ask(1)
    with pytest.raises(SettingError, match="has no option"):
        page.dashboard.command("move", argument)
    page.tell(ask=page.dashboard.board.n + 1, q="b", steps=0, ms=40, do=[["move", argument]])
    assert page.dashboard.values.part == "second" and page.dashboard.session.state != "error"


def test_a_box_waits_for_the_question_that_holds_its_control(heard, page):
    held = Held()
    held.command("move", ["part", 0])
    assert held.values.part == "second"
    held.predictions.asked["which"].skip()
    held.command("move", ["part", 0])
    assert held.values.part == "first"


def test_words_leave_the_page_as_text_and_never_as_html(page, tmp_path):
    page.ask(1)
    figure = page.dashboard.figure("text")
    (written,) = figure.layout.annotations
    assert "<img" not in written.text and "&lt;img src=x" in written.text and "<br>    four" in written.text
    assert figure.layout.title.text.startswith("Text<br>") and "live" in figure.layout.title.text
    source = page.dashboard.export_html(tmp_path / "page.html").read_text(encoding="utf-8")
    assert "<img src=x" not in source.split("</script>")[-1] and "onerror=alert(1)>" not in source
    assert "&gt; Second: 1 steps" in page.dashboard.figure("row").layout.annotations[0].text


def test_quotes_and_long_lines_can_be_read_outside_of_a_page():
    memory, line = Words("a", title="A").memory(), '  t["z"] = ' + " + ".join(f"x{i}" for i in range(30))
    memory.take(Panel(line))
    (written,) = Words("a", title="A").figure(memory).layout.annotations
    parts = written.text.split("<br>")
    assert "".join(parts).replace(" ", "") == line.replace(" ", "")
    assert len(parts) > 1 and max(map(len, parts)) <= 72 and all(part.startswith("      ") for part in parts[1:])


def test_other_things_are_refused():
    with pytest.raises(ShapeError, match="no text"):
        Words("a", title="A").memory().take(Panel(3))
    for arrays in ((0, ("one",)), (2, ("one", "two")), (-1, ("one", "two"))):
        with pytest.raises(ShapeError, match="do not fit 2 boxes"):
            Diagram("a", title="A", boxes=("x", "y")).memory().take(Panel(arrays))
    with pytest.raises(SettingError, match="at least one box"):
        Diagram("a", title="A")
    with pytest.raises(SettingError, match="one for each"):
        Diagram("a", title="A", boxes=("x", "y"), colors=("red",))
