"""What concerns all boards of a page: they play at once, and come back when it was saved, closed and opened."""

import contextlib

from tests.browser.hand import Hand
from tests.browser.pages import SEEN
from tests.browser.presses import Presses

# A kernel that finds MNIST: 600 random pictures in its files, with the sums that belong to them.
FOUND = """import os, lab.data.mnist
from pathlib import Path
from tests.data.conftest import make_set
from widgets import nn4_run
own, made = lab.data.mnist.MNIST, make_set(train=600, test=100)
os.environ["LAB_DATA"] = str(made.write(Path({folder!r}) / "mnist").parent)
lab.data.mnist.MNIST = made.wanted"""
GONE = "lab.data.mnist.MNIST = own; del os.environ['LAB_DATA']; nn4_run._loaded.cache_clear()"

# The steps that each board has done, whether it is in view or not; an end counts as many.
STEPS_OF_ALL = """titles => titles.map(title => nn4.last[title].state === 'done' ? Infinity : nn4.last[title].k)"""
FURTHER = (
    f"([titles, before]) => ({STEPS_OF_ALL})(titles).every((k, i) => k === Infinity || k > (before[i] ?? Infinity))"
)
PRESS = "button => button.click()"  # at once, where a hand would have to wait until the others' pictures are drawn


@contextlib.contextmanager
def with_mnist(page, folder):
    """In the kernel of a page MNIST is found."""
    assert page.notebook.ask(FOUND.format(folder=str(folder))) == ""
    yield
    assert page.notebook.ask(GONE) == ""


def all_play(page, tables):
    """Every board of the page is begun and goes on, beside the others; the kernel answers, and Pause stops each."""
    hands = {cell: Hand(page, cell, table).restored() for cell, table in tables.items()}
    before = {cell: hand.shown(hand.table.plays) for cell, hand in hands.items()}
    browser, titles = page.notebook.page, [hand.made.title for hand in hands.values()]
    for hand in hands.values():
        hand.board.button("Play").evaluate(PRESS)
    for _ in range(2):
        browser.wait_for_function(FURTHER, arg=[titles, browser.evaluate(STEPS_OF_ALL, titles)], polling=100)
    assert page.notebook.ask("print(6 * 7)") == "42"
    for hand in hands.values():
        hand.board.root.locator(".nn4-play").evaluate(
            "button => { if (button.textContent === 'Pause') button.click(); }"
        )
    for cell, hand in hands.items():
        page.shown(cell)
        hand.rest().until_other(hand.table.plays, before[cell])


def come_back(page, tables):
    """Saved, closed and opened: answers and pictures stand there; run again, each board steps and obeys a control."""
    for cell in tables:
        kept = page.shown(cell).within.locator("[class^=nn4-snapshot]")
        kept.filter(has_text="you predicted: ").filter(has=kept.page.locator("img")).wait_for(state="attached")
    page.notebook.save()
    page.notebook.complaints.forgive("widget model not found")  # JupyterLab's words for a widget without its kernel
    page.notebook.close(end_kernel=True)
    page.notebook.reopen()
    for cell, table in tables.items():
        kept = page.cell(cell).locator("[class^=nn4-snapshot]")
        kept.evaluate("e => e.scrollIntoView()")
        kept.wait_for()
        for each in table.questions.values():
            assert each.answer.replace(",", "") in kept.inner_text().replace(",", "")  # 3904 is shown as 3,904
        assert kept.locator("img").evaluate_all(
            "images => images.length > 2 && images.every(i => i.naturalWidth > 100)"
        )
    page.set_up(tables)
    for cell, table in tables.items():
        hand = Presses(page, cell, table)
        assert hand.board.within.get_by_role("button", name="Commit").count() == 0
        assert hand.board.within.locator(SEEN).filter(has_text="you predicted: ").count() == len(table.questions)
        hand.press_one(next(iter(table.controls)))
        hand.restored().step(1)
        assert hand.board.round == 1
