"""The tests that every page of the course has, by its tables: `class TestBoards(EveryBoard): tables = TABLES`.

They share one page and its kernel, and come in the order in which they stand here: predictions are made once.
"""

import contextlib
from typing import ClassVar

from tests.browser.bar import export, play_slowly, step_reset_seed_restore
from tests.browser.looks import found_wrong, in_view
from tests.browser.presses import Presses
from tests.browser.whole_page import all_play, come_back, with_mnist


class EveryBoard:
    """Needs a fixture `page`, a `CoursePage` that was set up with the same tables."""

    tables: ClassVar[dict]

    def pytest_generate_tests(self, metafunc):
        if "cell" in metafunc.fixturenames:
            metafunc.parametrize("cell", self.tables)

    def hand(self, page, cell):
        return Presses(page, cell, self.tables[cell])

    def test_what_a_question_holds_waits_for_a_prediction(self, page, cell):
        self.hand(page, cell).predict()

    def test_every_control_does_what_it_says(self, page, cell, tmp_path):
        with with_mnist(page, tmp_path) if "data" in self.tables[cell].controls else contextlib.nullcontext():
            self.hand(page, cell).press()

    def test_every_experiment_shows_what_it_says(self, page, cell):
        self.hand(page, cell).experiment()

    def test_step_reset_new_seed_save_and_restore(self, page, cell):
        step_reset_seed_restore(self.hand(page, cell))

    def test_play_speed_and_pause(self, page, cell):
        play_slowly(self.hand(page, cell))

    def test_what_leaves_the_page_holds_the_charts(self, page, browser, tmp_path):
        for cell, table in self.tables.items():
            if table.curve:
                export(self.hand(page, cell), browser, tmp_path)

    def test_all_boards_play_at_once_and_the_kernel_answers(self, page):
        all_play(page, self.tables)

    def test_every_board_can_be_read_from_the_last_row(self, page):
        wrong = {}
        page.notebook.page.set_viewport_size({"width": 1280, "height": 720})
        page.notebook.side_bar(True)
        for dark in (True, False):
            page.notebook.theme(dark)
            wrong |= {(cell, dark): found for cell in self.tables if (found := found_wrong(in_view(page.board(cell))))}
        assert wrong == {}

    def test_saved_closed_and_opened_every_board_has_its_answers_and_acts_again(self, page):
        come_back(page, self.tables)
