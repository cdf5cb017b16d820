"""Messages in, frames out: numbers, retries, budgets, errors, interrupts; no page is needed for it."""

import gzip
import json
import re
import threading
import time
from pathlib import Path

import numpy as np
import pytest

from lab.errors import NotFiniteError
from widgets.board import library
from widgets.board.board import CAP, Board
from widgets.board.script import SCRIPTS, code, loader, packed_code
from widgets.dashboard import Panel


def test_the_first_frame_shows_what_is_there_before_the_first_step(page):
    frame = page.ask(0, all=True)
    assert (frame["n"], frame["k"], frame["state"], frame["says"], frame["q"]) == (0, 0, "ready", "number 0", "a")
    assert set(frame["t"]) == {"total", "digits", "noise"} and frame["t"]["noise"] == "p = 0.50"
    assert frame["arrays"]["noise", 0, "z"].shape == (4, 6)


def test_a_frame_describes_its_buffers(page):
    frame = page.ask(3)
    described = {tuple(entry[:3]): entry[3:] for entry in frame["a"]}
    assert described["total", 0, "y"] == ["f4", [3]] and described["noise", 0, "z"] == ["b1", [4, 6]]
    assert frame["arrays"]["total", 0, "x"].tolist() == [1, 2, 3]
    assert frame["arrays"]["total", 0, "y"].tolist() == [1, 2, 3]
    assert frame["arrays"]["total", 1, "y"].tolist() == [2, 6]
    assert frame["r"]["total"] == {"x": [0, 100], "y": [0, 7]}
    assert json.dumps({name: frame[name] for name in ("a", "t", "r", "m", "says", "wrong", "left", "halted")})


def test_a_step_is_one_step(page):
    assert [page.ask(1)["k"] for _ in range(3)] == [1, 2, 3]


def test_no_steps_train_nothing(page):
    page.ask(2)
    frame = page.ask(0)
    assert (frame["n"], frame["k"]) == (1, 2) and frame["arrays"] == {}


def test_only_charts_that_changed_are_sent(page):
    page.ask(1)
    page.dashboard.controls["noise"].value = 0.9
    assert set(page.heard[-1]["t"]) == {"noise"}


def test_a_chart_that_looks_as_before_is_not_sent_again(page):
    page.ask(2)
    memory = page.dashboard.session.memories["total"]
    memory.fresh = True
    assert "total" not in page.ask(0)["t"]
    assert "total" in page.ask(0, all=True)["t"]
    memory.take(Panel(text="other words"))
    assert page.ask(0)["t"]["total"] == "other words"


def test_an_answered_number_gets_the_frame_again_without_training(page):
    first = page.ask(2, ask=1)
    again = page.ask(2, ask=1)
    assert (again["n"], again["k"]) == (first["n"], 2) == (1, 2)
    assert set(again["arrays"]) == set(first["arrays"])
    assert all(np.array_equal(again["arrays"][key], first["arrays"][key]) for key in first["arrays"])


def test_two_pages_share_one_run(page):
    """Each counts what it heard; the slower one gets the frame of the faster."""
    page.ask(1, ask=1, q="a")
    frame = page.ask(None, ask=1, q="b")
    assert (frame["k"], frame["q"]) == (1, "b")


def test_a_budget_is_kept_and_play_takes_as_many_steps_as_fit(page):
    page.ask(0)
    page.dashboard.session.run.seconds = 0.005
    start = time.perf_counter()
    frame = page.ask(None, ms=40)
    assert 2 <= frame["k"] <= 9 and time.perf_counter() - start < 2  # the clock of a busy machine is generous


def test_no_request_holds_the_kernel_for_long(page):
    page.ask(0)
    page.dashboard.session.run.seconds = 0.01
    start = time.perf_counter()
    page.ask(None, ms=1e9)
    assert CAP <= time.perf_counter() - start < 4 * CAP


def test_a_step_that_is_longer_than_the_budget_is_finished_later(page):
    page.ask(0)
    run = page.dashboard.session.run
    run.seconds, run.waits = 0.01, 6  # 70 ms a step
    frames = [page.ask(1, ms=25)]
    while frames[-1]["left"]:
        frames.append(page.ask(frames[-1]["left"], ms=25))
    assert 2 <= len(frames) <= 8 and [frame["k"] for frame in frames] == [0] * (len(frames) - 1) + [1]
    assert {frame["says"] for frame in frames} == {"number 0", "number 1"}


def test_what_a_long_step_does_is_said(page):
    page.ask(0)
    page.dashboard.session.run.waits = 100
    page.dashboard.session.run.seconds = 0.002
    frame = page.ask(1, ms=60)
    assert frame["says"].startswith("number 0 · counting: ") and frame["says"].endswith("%")


def test_the_end_is_said_once_and_asking_on_does_nothing(page):
    page.ask(0)
    page.dashboard.session.run.last = 3
    frame = page.ask(None)
    assert (frame["state"], frame["says"]) == ("done", "Done after number 3. Reset begins anew.")
    assert page.ask(None)["state"] == "done" and page.ask(0, do=[["reset", None]])["state"] == "ready"


def test_an_exception_is_said_with_its_place_and_a_last_frame(page):
    page.ask(2)
    page.dashboard.session.run.raises = ZeroDivisionError("by nothing")
    frame = page.ask(None)
    assert frame["state"] == "error" and frame["says"].startswith("ZeroDivisionError: by nothing (__next__, line ")
    assert (frame["k"], frame["n"]) == (2, 2)
    assert "Traceback" in page.dashboard.session.traceback


def test_the_labs_own_errors_are_sentences(page):
    page.ask(0)
    page.dashboard.session.run.raises = NotFiniteError("the loss is inf. Take a smaller delta.")
    assert page.ask(None)["says"] == "NotFiniteError: the loss is inf. Take a smaller delta."


def test_after_an_error_a_run_that_can_goes_on(page):
    page.ask(0)
    page.dashboard.session.run.raises = ValueError("once")
    assert page.ask(1)["state"] == "error"
    assert (page.ask(1)["state"], page.dashboard.session.steps) == ("paused", 1)


def test_a_broken_generator_keeps_its_error_until_reset(page):
    def counting(spec, seed):
        yield 1
        raise ValueError("broken")

    page.dashboard.start = counting
    page.ask(1)
    assert page.ask(1)["says"].startswith("ValueError: broken")
    assert page.ask(1)["says"].startswith("ValueError: broken")
    assert page.ask(0, do=[["reset", None]])["state"] == "ready"


def test_an_interrupt_pauses(page):
    page.ask(2)
    halted = page.heard[-1]["halted"]
    page.dashboard.session.run.raises = KeyboardInterrupt()
    frame = page.ask(None)
    assert (frame["state"], frame["says"]) == ("paused", "Interrupted at number 2. Play goes on from there.")
    assert frame["halted"] > halted
    assert page.ask(1)["says"] == "number 3"


def test_an_interrupt_between_two_requests_is_heard_too(page):
    page.ask(2)
    Board._heard_interrupt()
    assert page.ask(None)["says"].startswith("Interrupted at number 2")
    assert page.ask(None)["k"] > 2


@pytest.mark.parametrize("steps", [None, 1])
def test_what_was_asked_before_the_page_heard_of_an_interrupt_is_not_done(page, steps):
    known = page.ask(2)["halted"]
    page.dashboard.session.fail(KeyboardInterrupt())
    frame = page.ask(steps, halted=known)
    assert (frame["says"], frame["k"]) == ("Interrupted at number 2. Play goes on from there.", 2)
    assert page.ask(steps, halted=frame["halted"])["k"] > 2


def test_an_old_interrupt_was_meant_for_something_else(page, monkeypatch):
    page.ask(1)
    monkeypatch.setattr(Board, "_interrupted", time.perf_counter() - 5)
    assert page.ask(1)["k"] == 2


def test_a_start_that_fails_is_said_and_can_be_mended(page):
    def refuse(spec, seed):
        raise OSError("no disk")

    page.dashboard.start = refuse
    assert page.ask(0)["says"].startswith("OSError: no disk")
    del page.dashboard.start
    assert page.ask(1)["k"] == 1


def test_a_chart_that_cannot_be_drawn_stops_no_other(page, monkeypatch):
    page.ask(0)

    def fail():
        raise ValueError("no picture")

    monkeypatch.setattr(page.dashboard.session.memories["noise"], "_later", fail)
    frame = page.ask(1, ask=0)
    assert frame["state"] == "error" and "no picture" in frame["says"]
    assert ("total", 0, "y") in frame["arrays"] and ("noise", 0, "z") not in frame["arrays"]


def test_plotly_is_sent_once_and_is_the_one_that_is_installed(page):
    sent, frame = page.tell(ask=1, q="a", steps=0, lib=True)
    assert sent["lib"] == library.plotly_version() == page.dashboard.board.declared["lib"]
    assert gzip.decompress(sent["buffers"][0]) == library.plotly_source() and len(sent["buffers"][0]) < 1.7e6
    assert frame["n"] == 0 and library.plotly_gzip() is library.plotly_gzip()


def test_a_message_has_no_field_that_routes_it_elsewhere(page):
    """ipykernel 7.4 takes a field named id for the name of a subshell's request."""
    page.ask(1)
    page.tell(make="csv")
    assert page.heard and not any("id" in message for message in page.heard)


def test_two_threads_never_train_at_once(page):
    """A cell runs on the main shell while a control's message may come on another thread."""
    page.ask(0)
    run = page.dashboard.session.run
    run.seconds = 0.002
    threads = [threading.Thread(target=page.dashboard.run, args=(20,)) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert run.step == run.total == page.dashboard.session.steps == 60


@pytest.mark.parametrize("name", SCRIPTS)
def test_no_line_of_the_scripts_is_lost_or_glued(name):
    """Comments and indents go, and nothing that stands in a string; every other line is one line of the module."""
    source = (Path(__file__).parents[2] / "widgets" / "board" / name).read_text(encoding="utf-8")
    lines = [re.fullmatch(r"\s*(.*?)\s*( {3}//.*)?", line).groups() for line in source.splitlines()]
    kept = [line for line, _ in lines if line and not line.startswith("//")]
    assert set(kept) <= set(code().splitlines())
    for line, comment in lines:
        if comment:
            assert all(line.count(quote) % 2 == 0 for quote in "'`\""), line


def test_the_code_is_sent_once_for_each_page_and_named_by_its_content(page):
    """The second board on a page costs its loader and its controls: no more than 40 kB in all."""
    (sent,) = page.tell(code="key")
    assert gzip.decompress(sent["buffers"][0]).decode() == code()
    assert len(loader().encode()) < 4_000 and len(packed_code()) < 15_000
    assert page.dashboard.board._esm == loader() and "__KEY__" not in loader()


def test_the_style_sheet_comes_with_the_code():
    assert ".nn4-card" in code() and "--nn4-text" in code() and code().count("const CSS = ") == 1
