"""Training between two requests, in a real event loop."""

import asyncio
import time
from itertools import pairwise

import pytest

from widgets.board.board import Board
from widgets.session.between import PIECE, STARVED, Between


def until(met, loop):
    """Let the loop turn until something is the case."""
    while not met():
        loop.run_until_complete(asyncio.sleep(0))


@pytest.fixture
def loop():
    made = asyncio.new_event_loop()
    yield made
    made.close()


@pytest.mark.parametrize("hops", [1, 6])
def test_a_message_on_its_way_waits_for_one_piece(loop, hops):
    """It takes some turns of the loop from the socket to its handler; no second piece comes before it."""
    pieces, seen = [], []

    def train(seconds):
        pieces.append(seconds)
        if len(pieces) == 3:
            loop.call_soon(hop, hops)
        return True

    def hop(left):
        if left:
            loop.call_soon(hop, left - 1)
        else:
            seen.append(len(pieces))

    between = Between(train, print)
    between.begin(loop, 9, 60)
    until(lambda: seen, loop)
    between.end()
    assert seen == [3] and set(pieces) == {PIECE}


def test_frames_are_sent_at_their_pace_until_there_were_enough(loop):
    sent = []
    between = Between(lambda seconds: True, lambda: sent.append((time.perf_counter(), between.left)))
    start = time.perf_counter()
    between.begin(loop, 4, 0.02)
    assert between.left == 4 and not sent
    until(lambda: between.left == 0, loop)
    loop.run_until_complete(asyncio.sleep(0.05))
    assert [left for _, left in sent] == [3, 2, 1, 0]
    assert all(at - start >= 0.02 * number for number, (at, _) in enumerate(sent, start=1))


@pytest.mark.parametrize("how", ["end", "enough", "anew", "none"])
def test_it_stops(loop, how):
    pieces = []
    between = Between(lambda seconds: pieces.append(seconds) or not (how == "enough" and len(pieces) == 3), print)
    between.begin(loop, 0 if how == "none" else 9, 60)
    if how != "none":
        until(lambda: len(pieces) >= 3, loop)
    if how == "end":
        between.end()
    if how == "anew":
        between.begin(loop, 0, 60)
    stopped = len(pieces)
    loop.run_until_complete(asyncio.sleep(0.05))
    assert between.left == 0 and len(pieces) == stopped == (0 if how == "none" else 3)


def test_a_rest_stops_it_for_a_moment_and_never_for_long(loop):
    times = []
    between = Between(lambda seconds: times.append(time.perf_counter()) or True, print)
    between.begin(loop, 9, 60)
    until(lambda: times, loop)
    between.rest(0.05)
    rested, count = time.perf_counter(), len(times)
    until(lambda: len(times) > count, loop)
    assert times[count] - rested >= 0.05
    count, trained = len(times), times[-1]
    while len(times) == count:  # a hand that moves all the time
        between.rest(0.05)
        loop.run_until_complete(asyncio.sleep(0))
    between.end()
    assert times[count] - trained >= STARVED


def played(page, act=None):
    """Ask for a play in a loop, with `act` in the middle of what follows; the answer, and the frames after it."""

    async def whole():
        heard = len(page.frames) + 1
        answer = page.ask(None, ms=1, frames=9, every=20)
        await asyncio.sleep(0.05)
        if act is not None:
            act()
        await asyncio.sleep(0.1)
        page.dashboard.board._between.end()
        return answer, page.frames[heard:]

    return asyncio.run(whole())


def test_a_board_trains_and_sends_frames_until_the_next_request(page):
    page.ask(0)
    page.dashboard.session.run.seconds = 0.002
    answer, frames = played(page)
    assert (answer["more"], answer["k"] <= 3) == (9, True)
    assert {(frame["q"], frame["n"]) for frame in frames} == {("", answer["n"])}
    assert [frame["more"] for frame in frames] == [8 - i for i in range(len(frames))] and len(frames) >= 3
    assert all(early["k"] < late["k"] for early, late in pairwise([answer, *frames]))
    trained = page.dashboard.session.steps
    assert page.ask(0)["k"] == trained  # it stood still since: the request ended it


def test_without_a_loop_it_trains_before_it_answers(page):
    page.ask(0)
    page.dashboard.session.run.seconds = 0.002
    start = time.perf_counter()
    frame = page.ask(None, ms=1, frames=9, every=30)
    assert frame["k"] >= 3 and time.perf_counter() - start >= 0.03 and frame["more"] == 0


@pytest.mark.parametrize("steps", [0, 1])
def test_only_a_play_goes_on(page, steps):
    page.ask(0)

    async def act():
        frame = page.ask(steps, frames=9, every=10)
        await asyncio.sleep(0.02)
        return frame

    assert asyncio.run(act())["more"] == 0 and page.dashboard.session.steps == steps


@pytest.mark.parametrize("what", ["reset", "close", "pause", "interrupt"])
def test_what_ends_a_play_ends_it_between_two_requests_too(page, what):
    page.ask(0)
    page.dashboard.session.run.seconds = 0.001
    act = {"interrupt": Board._heard_interrupt, "pause": lambda: page.ask(0, end=True)}.get(
        what, getattr(page.dashboard, what, None)
    )
    steps = []
    played(page, lambda: (act(), steps.append(page.dashboard.session.steps)))
    assert page.dashboard.session.steps == steps[0]
    assert what != "reset" or steps == [0]
    assert page.dashboard.starts == (2 if what == "reset" else 1)  # nothing began anew by itself
    if what == "interrupt":
        assert page.frames[-1]["says"].startswith("Interrupted at number ") and page.frames[-1]["q"] is None


def test_an_error_is_said_at_once(page):
    page.ask(0)
    run = page.dashboard.session.run
    run.seconds = 0.001

    def fail():
        run.raises = ValueError("lost")

    answer, (*_, frame) = played(page, fail)
    assert (frame["state"], frame["q"], frame["more"]) == ("error", None, 0) and frame["halted"] > answer["halted"]
    assert frame["says"].startswith("ValueError: lost")


def test_the_end_is_said_at_once(page):
    page.ask(0)
    run = page.dashboard.session.run
    run.seconds, run.last = 0.001, 20
    _, (*_, frame) = played(page)
    assert (frame["state"], frame["k"], frame["q"], frame["more"]) == ("done", 20, None, 0)


def test_a_moved_control_is_answered_between_two_pieces_with_what_it_changed(page):
    """The other charts wait for the next frame: the answer to a hand is quick."""
    page.ask(0)
    page.dashboard.session.run.seconds = 0.001

    def move():
        page.dashboard.controls["noise"].value = 0.25

    _, frames = played(page, move)
    (answer,) = (frame for frame in frames if frame["q"] is None)
    assert page.dashboard.session.spec.noise == 0.25 and list(answer["t"]) == ["noise"]
    assert (
        frames[-1]["q"] == "" and frames[-1]["k"] > answer["k"] and set(frames[-1]["t"]) == {"total", "noise", "digits"}
    )


@pytest.fixture
def two_played(open_page):
    """`two_played(act)`: two boards that play in one loop, with `act` in the middle."""

    def play(act):
        pages = [open_page(key="one"), open_page(key="two")]
        for page in pages:
            page.ask(0)
            page.dashboard.session.run.seconds = 0.001

        async def whole():
            for page in pages:
                page.ask(None, ms=1, frames=9, every=100)
            await asyncio.sleep(0.1)
            act()
            await asyncio.sleep(0.1)

        asyncio.run(whole())
        return pages

    return play


def test_two_boards_that_play_take_turns(two_played):
    one, two = (page.dashboard.session.steps for page in two_played(lambda: None))
    assert min(one, two) > 5 and 0.5 < one / two < 2


def test_an_interrupt_stops_every_board_that_plays(two_played):
    pages = two_played(Board._heard_interrupt)
    assert all(page.frames[-1]["says"].startswith("Interrupted at number ") for page in pages)
    assert all(page.ask(1)["says"].startswith("number ") for page in pages)  # and it was meant for that play only
