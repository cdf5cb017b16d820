"""Predict first: what a question holds, what it keeps, and what it shows."""

import json
from dataclasses import dataclass
from typing import ClassVar

import nbformat
import pytest

from lab.errors import SettingError
from tests.widgets.conftest import Page
from tests.widgets.counting import CountingDashboard
from widgets.dashboard import Dashboard, Now, Question
from widgets.grammar import answers, questions
from widgets.grammar.questions import Asked

FIRST = Question("first", "Does it go up?", choices=("yes", "no"), seen=lambda now: "yes" if now.step > 1 else None)
SECOND = Question(
    "second",
    "What is the total?",
    number=(0.0, 50.0),
    unit="steps",
    holds=("by",),
    seen=lambda now: float(now.run.total),
)


class Asking(CountingDashboard):
    """The counting dashboard, with questions."""

    questions: ClassVar = (FIRST, SECOND)


@pytest.fixture(autouse=True)
def forgotten():
    """No answer outlives a test."""
    yield
    answers.forget()
    questions._ALL_SHOWN[0] = False
    for dashboard in list(Dashboard._open.values()):
        dashboard.close()


@pytest.fixture
def page(heard):
    return Page(Asking(), heard)


def test_play_and_step_wait_for_the_answer(page):
    for steps in (None, 1):
        frame = page.ask(steps)
        assert (frame["k"], frame["n"]) == (0, 0) and frame["held"].startswith("Predict first")
    page.dashboard.predictions.asked["first"].commit("no")
    assert page.heard[-1]["held"] == ""
    assert page.ask(2)["k"] == 2


def test_a_control_waits_for_its_own_question(page):
    by, noise = (page.dashboard.controls[name] for name in ("by", "noise"))
    assert by.disabled and not noise.disabled
    page.dashboard.predictions.asked["first"].commit("yes")
    assert by.disabled
    page.dashboard.predictions.asked["second"].commit("12,5")
    assert not by.disabled


def test_what_was_predicted_stands_beside_what_is_seen(page):
    first, second = page.dashboard.predictions.asked.values()
    first.commit("no"), second.commit("3")
    assert first.text == "you predicted: no · not seen yet"
    page.ask(2)
    page.ask(0)
    assert first.text == "you predicted: no · seen: yes (otherwise)"
    assert second.text == "you predicted: 3 steps · seen: 2 steps (off by 1)"
    assert second.text.split("(")[0].strip() in second._words.value
    again = Asking(key="other")
    again.predictions.asked["first"].commit("yes")
    again.run(3)
    assert again.predictions.asked["first"].text.endswith("seen: yes (as you predicted)")


def test_instructors_see_it_without_predicting(page):
    page.dashboard.predictions.asked["first"].skip_button.click()
    assert page.ask(2)["k"] == 2
    page.ask(0)
    assert page.dashboard.predictions.asked["first"].text == "shown without predicting · seen: yes"


def test_nothing_is_asked_where_it_is_not_wanted(heard):
    assert Asking(ask=False).predictions.asked == {}
    questions.show_all()
    page = Page(Asking(), heard)
    assert page.dashboard.predictions.asked == {} and page.ask(2)["k"] == 2 and page.heard[-1]["held"] == ""


def test_python_is_not_held(page):
    assert page.dashboard.run(3)["numbers"] == 3
    page.dashboard.controls["by"].value = 5
    assert page.dashboard.session.run.by == 5


def test_the_field_lets_one_commit_what_can_be_an_answer(page):
    first, second = page.dashboard.predictions.asked.values()
    assert first.commit_button.disabled and second.commit_button.disabled
    first.field.value = "yes"
    first.commit_button.click()
    assert first.entry == {"answer": "yes"} and first.field not in first.view.children
    second.field.value = "fifty-one"
    assert not second.commit_button.disabled
    with pytest.raises(SettingError, match=r"answer = 'fifty-one' is not allowed. Type a number from 0 to 50"):
        second.commit(second.field.value)
    assert "Type a number" in second._words.value and not second.answered
    with pytest.raises(SettingError, match="Choose one of: yes; no"):
        page.dashboard.predictions.asked["first"].question.check("maybe")


def test_an_answer_is_given_once(page):
    first = page.dashboard.predictions.asked["first"]
    first.commit("yes")
    first.commit("no"), first.skip()
    assert first.entry == {"answer": "yes"}


def test_a_cell_that_is_run_again_finds_its_answers(heard, page):
    page.dashboard.predictions.asked["first"].commit("no")
    again = Page(Asking(), heard)
    assert (
        again.dashboard.predictions.asked["first"].entry == {"answer": "no"}
        and not again.dashboard.predictions.asked["second"].answered
    )
    assert again.ask(1)["k"] == 1
    assert not Asking(key="another").predictions.asked["first"].answered


def saved(path, dashboard):
    """A notebook with the output below a dashboard, as it is saved."""
    shown = {}

    class Handle:
        def update(self, made, metadata=None):
            shown.update(html=made.data, metadata=metadata or {})

    dashboard._snapshot._handle = Handle()
    dashboard._snapshot.update({})
    output = nbformat.v4.new_output("display_data", {"text/html": shown["html"]}, metadata=shown["metadata"])
    cell = nbformat.v4.new_code_cell("Asking()", outputs=[output])
    nbformat.write(nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell("text"), cell]), path)
    return shown["html"]


def test_answers_are_kept_in_the_notebook_and_found_by_its_next_kernel(page, tmp_path, monkeypatch):
    page.dashboard.predictions.asked["first"].commit("no")
    page.dashboard.predictions.asked["second"].skip()
    words = saved(tmp_path / "page.ipynb", page.dashboard)
    assert "Does it go up? you predicted: no" in words
    answers.forget()  # as a new kernel
    assert not Asking().predictions.asked["first"].answered
    monkeypatch.setenv("JPY_SESSION_NAME", str(tmp_path / "page.ipynb"))
    again = Asking()
    assert [asked.entry for asked in again.predictions.asked.values()] == [{"answer": "no"}, {"answer": None}]
    assert again.held == "" and not again.controls["by"].disabled
    monkeypatch.setenv("SERVER_SOFTWARE", "voila/0.5.8")  # there, every visitor predicts for himself
    answers.forget()
    assert not Asking().predictions.asked["first"].answered


@pytest.mark.parametrize("text", ["", "{", "[]", '{"cells": 3}', '{"cells": [{"outputs": [{"metadata": 5}]}]}'])
def test_a_file_that_is_no_notebook_holds_no_answers(tmp_path, text):
    path = tmp_path / "broken.ipynb"
    path.write_text(text, encoding="utf-8")
    assert answers.in_file(path) == {}


def test_an_answer_of_another_time_that_fits_no_more_is_asked_anew(tmp_path, monkeypatch):
    entry = {"metadata": {answers.METADATA: {"Asking..first": {"answer": "perhaps"}}}}
    path = tmp_path / "page.ipynb"
    path.write_text(json.dumps({"cells": [{"outputs": [entry]}]}), encoding="utf-8")
    monkeypatch.setenv("JPY_SESSION_NAME", str(path))
    assert not Asking().predictions.asked["first"].answered


def test_a_question_that_cannot_be_is_refused():
    for wrong in ({}, {"choices": ("a",), "number": (0, 1)}, {"choices": ("a", "a")}, {"number": (1, 1)}):
        with pytest.raises(SettingError, match="question 'wrong'"):
            Question("wrong", "?", **wrong)

    class Wrong(CountingDashboard):
        questions: ClassVar = (Question("wrong", "?", choices=("a", "b"), holds=("play", "bye")),)

    with pytest.raises(
        SettingError, match=r"question 'wrong' holds bye, which is no control of .*Wrong. It has: play, by"
    ):
        Wrong()


def test_closing_closes_every_widget(page):
    import ipywidgets as ipw

    alive = getattr(ipw.widgets.widget, "_instances", None)
    alive = ipw.Widget.widgets if alive is None else alive
    before = len(alive)
    dashboard = Asking(key="closed")
    made = len(alive) - before
    dashboard.close()
    assert made > 10 and len(alive) == before


@dataclass(frozen=True)
class _Seen:
    total: int = 7


def test_seen_is_asked_of_the_run_alone():
    assert SECOND.seen(Now(None, 0, _Seen(), 0)) == 7.0


def test_what_was_seen_stays_when_the_board_shows_something_else():
    question = Question("share", "How much?", choices=("half", "more"), seen=lambda now: now)
    asked = Asked(question, {"answer": "more"}, lambda entry: None)
    asked.look(None)
    assert "not seen yet" in asked.text
    asked.look("half")
    asked.look(None)
    assert asked.text == "you predicted: more · seen: half (otherwise)"
    asked.close()


def test_whole_numbers_are_said_in_full():
    question = Question("count", "How many?", number=(0, 1e6), unit="weights", seen=lambda now: now)
    assert question.told(60000, 58880) == "you predicted: 60,000 weights · seen: 58,880 weights (off by 1,120)"
    assert question.told(0.5, 0.123456) == "you predicted: 0.5 weights · seen: 0.1235 weights (off by 0.377)"
    asked = Asked(question, None, lambda entry: None)
    assert asked.field.placeholder == "a number from 0 to 1,000,000 (weights)"
    asked.close()
