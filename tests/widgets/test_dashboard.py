"""What is declared becomes a run, and a cell drives it without a page."""

import pytest

from lab.errors import SettingError
from tests.widgets.counting import CountingDashboard


def test_run_drives_the_run_without_a_page_and_says_the_same_each_time(open_page):
    said = [open_page(key=str(i), by=3).dashboard.run(steps=7) for i in range(2)]
    assert said[0] == said[1] == {"numbers": 7, "total: total": 21, "total: twice": 42}


def test_numbers_are_rounded_to_significant_digits(page):
    page.dashboard.run(1)
    page.dashboard.session.run.total = 123456
    assert page.dashboard.run(1)["total: total"] == 123000
    assert page.dashboard.scalars(digits=6)["total: total"] == 123457


def test_run_goes_on_from_where_the_page_was(page):
    page.ask(4)
    assert page.dashboard.run(2)["numbers"] == 6
    assert page.heard[-1]["k"] == 6  # and the page sees it


def test_an_error_in_run_goes_to_the_cell_and_to_the_status_line(page):
    page.dashboard.run(1)
    page.dashboard.session.run.raises = ValueError("no")
    with pytest.raises(ValueError, match="no"):
        page.dashboard.run(1)
    assert page.heard[-1]["state"] == page.dashboard.state == "error"


def test_fields_are_given_by_name_and_checked():
    dashboard = CountingDashboard(by=3, seed=5)
    assert (dashboard.values.by, dashboard.seed) == (3, 5)
    with pytest.raises(
        SettingError, match=r"bye is not known to CountingDashboard. It has: by, noise, rate, start, up."
    ):
        CountingDashboard(bye=3)
    with pytest.raises(SettingError, match=r"by = 30 is not allowed. Give a whole number from 1 to 9."):
        CountingDashboard(by=30)
    assert dashboard.state == "ready"  # neither took its place
    dashboard.close()
