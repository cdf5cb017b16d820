"""A cell that is run again closes the board before it, and nothing grows."""

import gc
import weakref

from widgets.dashboard import Dashboard


def test_running_a_cell_again_closes_the_board_before(open_page):
    first = open_page().dashboard
    first.run(1)
    run = first.session.run
    second = open_page().dashboard
    assert run.closed and first.board.comm is None and second.board.comm is not None
    assert [d for d in Dashboard._open.values()] == [second]


def test_boards_with_different_keys_live_side_by_side(open_page):
    one, two = open_page(key="one").dashboard, open_page(key="two").dashboard
    one.run(1)
    two.run(2)
    assert (one.session.steps, two.session.steps) == (1, 2) and one.board.comm is not None


def test_nothing_grows_when_a_cell_is_run_again(open_page):
    from ipywidgets.widgets import widget

    models = widget._instances if hasattr(widget, "_instances") else widget.Widget.widgets
    counts = []
    for _ in range(4):
        open_page().dashboard.run(1)
        counts.append(len(models))
    assert len(set(counts)) == 1
    open_page().dashboard.close()
    assert len(models) < counts[0]


def test_a_closed_board_lets_its_run_go(open_page):
    """`Out[5]` still holds the dashboard; the net and its data must not stay with it."""
    dashboard = open_page().dashboard
    dashboard.run(1)
    run = weakref.ref(dashboard.session.run)
    dashboard.close()
    gc.collect()
    assert run() is None and dashboard.session.memories == {}


def test_a_board_that_was_never_shown_starts_no_run(page):
    assert getattr(page.dashboard, "starts", 0) == 0
    page.ask(0)
    page.ask(0)
    assert page.dashboard.starts == 1
