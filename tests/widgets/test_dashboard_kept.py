"""What a board shows can be kept: as a text, a table, figures, a page, and pictures in the notebook."""

import json

# ---- state and history


def test_state_is_restored_from_its_text(open_page):
    one, two = open_page(key="one", by=4, start=None, seed=9), open_page(key="two")
    text = one.dashboard.state_text
    two.dashboard.state_text = text
    assert two.dashboard.values == one.dashboard.values and two.dashboard.seed == 9
    assert two.dashboard.run(5) == one.dashboard.run(5)
    (answer,) = two.tell(make="state")
    assert json.loads(answer["text"]) == json.loads(text)


def test_history_is_a_table_of_points(page):
    page.ask(3)
    (answer,) = page.tell(make="csv")
    assert answer["name"] == "CountingDashboard-number-3.csv"
    lines = answer["buffers"][0].decode().splitlines()
    assert lines[0] == "chart,trace,x,value"
    points = ["total,total,1,1", "total,total,2,2", "total,total,3,3", "total,twice,1,2", "total,twice,3,6"]
    bars = ["digits,first,0,3", "digits,first,1,0", "digits,second,0,1", "digits,second,1,2"]
    assert lines[1:] == points + bars  # the picture has none


def test_charts_are_figures_with_what_is_shown(page):
    page.ask(3)
    figure = page.dashboard.figure("total")
    assert list(figure.data[0].y) == [1, 2, 3] and tuple(figure.layout.yaxis.range) == (0, 7)
    assert figure.layout.title.text.startswith("Total<br>") and "total 3" in figure.layout.title.text


def test_the_page_of_charts_needs_no_network(page, tmp_path):
    page.ask(3)
    written = page.dashboard.export_html(tmp_path / "charts.html").read_text(encoding="utf-8")
    without_library = written.partition("</script>")[2]
    assert "http" not in without_library and without_library.count("Plotly.newPlot") == 3
    assert "<script src" not in written and "number 3, seed 0" in written


# ---- pictures in the notebook


def test_the_pages_last_pictures_stand_below_the_board_in_the_notebook(page, monkeypatch):
    shown = []

    class Handle:
        def update(self, made):
            shown.append(made.data)

    page.dashboard._snapshot._handle = Handle()
    svg = "<svg><text fill='currentColor'>a</text></svg>"
    page.dashboard.board.pictures = {"says": "number 3", "svg": {"total": {"title": "Total: <3>", "svg": svg}}}
    assert "Counting, as it was left: number 3. Run the cell to go on." in shown[0]
    assert "Total: &lt;3&gt;" in shown[0] and "data:image/svg+xml;base64," in shown[0] and "<svg" not in shown[0]
    page.dashboard.close()  # what takes its place shows more
    assert shown[1] == f"<div class='{page.dashboard._snapshot.mark}'></div>"
