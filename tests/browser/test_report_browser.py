"""The report in a real browser: charts are drawn, both themes, wide and narrow, without a network."""

import pytest

expect = pytest.importorskip("playwright.sync_api").expect

pytestmark = pytest.mark.browser

CHARTS = 5
LINES = ".scatterlayer path.js-line"  # those of the legend have the same class
READY = f"body[data-drawn='{CHARTS}']"  # the page says so itself


@pytest.fixture
def open_report(browser, report):
    """`open_report(width, height, scheme)`: the page, once its charts are drawn; complaints fail the test."""
    complaints, requests, contexts = [], [], []

    def open_it(width=1280, height=720, scheme="light"):
        context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=scheme)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(15_000)
        page.on("console", lambda message: complaints.append(message.text) if message.type != "log" else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("request", lambda request: requests.append(request.url))
        page.goto(report.as_uri())
        page.locator(READY).wait_for(state="attached")
        return page

    yield open_it
    for context in contexts:
        context.close()
    assert complaints == []
    assert [url for url in requests if not url.startswith(("file:", "data:"))] == []


def test_all_charts_are_drawn(open_report):
    page = open_report()
    assert page.locator(".big").inner_text().endswith("%")
    drawn = {page.locator(".chart").nth(i).locator(".gtitle").text_content(): i for i in range(CHARTS)}
    assert len(drawn) == CHARTS and all(drawn)
    lines = [page.locator(".chart").nth(i).locator(LINES).count() for i in range(CHARTS)]
    assert lines[0] == 3 and lines[1] == 2 and lines[2] == 2 and lines[3] >= 1
    assert (
        page.locator(".chart").nth(4).locator(".bars .point path").count() == 16
    )  # 4 epochs, 2 workers, work and wait
    for line in page.locator(f".chart {LINES}").all():
        box = line.bounding_box()
        assert box and box["width"] > 20


def test_the_legend_names_every_line_and_axes_stay_when_one_is_switched_off(open_report):
    page = open_report()
    loss = page.locator(".chart").first
    assert loss.locator(".legendtext").all_text_contents() == [
        "training set, as optimized",
        "training subset, test mode",
        "test set",
    ]
    ticks = loss.locator(".ytick text").all_text_contents()
    loss.locator(".legendtoggle").first.click()
    expect(loss.locator(LINES)).to_have_count(2)
    assert loss.locator(".ytick text").all_text_contents() == ticks


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("width", "height"), [(1920, 1080), (1280, 720), (900, 700), (420, 800)])
def test_nothing_is_wider_than_the_page(open_report, width, height, scheme):
    page = open_report(width, height, scheme)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    too_wide = "[...document.querySelectorAll('main *:not(.scroll *)')]"
    too_wide += ".filter(e => e.getBoundingClientRect().right > innerWidth + 1)"
    assert page.evaluate(f"{too_wide}.map(e => e.outerHTML.slice(0, 80))") == []
    hidden = "[...document.querySelectorAll('.legendtext, .gtitle, .xtitle, .ytitle')]"
    outside = "e => { const t = e.getBoundingClientRect(), c = e.closest('.chart').getBoundingClientRect();"
    outside += " return t.left < c.left - 1 || t.right > c.right + 1 || t.top < c.top - 1 || t.bottom > c.bottom + 1; }"
    assert page.evaluate(f"{hidden}.filter({outside}).map(e => e.textContent)") == []


def test_the_result_is_seen_without_scrolling(open_report):
    page = open_report()
    box = page.locator(".big").bounding_box()
    assert box["y"] + box["height"] < 720 and box["height"] > 50


def test_text_can_be_read_in_both_themes_and_follows_a_switch(open_report):
    page = open_report(scheme="light")
    light = page.evaluate("getComputedStyle(document.querySelector('.gtitle')).fill")
    page.emulate_media(color_scheme="dark")
    expect(page.locator(".gtitle").first).not_to_have_css("fill", light)
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        page.wait_for_timeout(200)
        for name in (".gtitle", ".legendtext", ".xtick text", ".muted", "dd", "dt"):
            assert page.evaluate(CONTRAST, name) >= 4.5, (scheme, name)


# Contrast of a text with the card that it stands on (WCAG 2.1: at least 4.5 for text).
CONTRAST = """
name => {
  const element = document.querySelector(name), style = getComputedStyle(element);
  const ink = element instanceof SVGElement ? style.fill : style.color;
  const ground = getComputedStyle(element.closest('.card') || document.body).backgroundColor;
  const luminance = colour => {
    const [r, g, b] = colour.match(/[\\d.]+/g).slice(0, 3).map(v => v / 255)
      .map(v => v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const [low, high] = [luminance(ink), luminance(ground)].sort((a, b) => a - b);
  return (high + 0.05) / (low + 0.05);
}
"""
