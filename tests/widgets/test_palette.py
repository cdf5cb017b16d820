"""One visual language: what a colour means on every page, where colours come from, and that they can be told apart."""

import ast
import inspect
import re
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

import widgets
from lab import palette
from lab.errors import SettingError
from tests.widgets.test_every_board import BOARDS
from widgets.board import theme
from widgets.board.script import SCRIPTS, code
from widgets.charts.chart import SYMBOLS, styled
from widgets.dashboard import Curves, Diagram, Heatmap, Lines, NamedBars, Panel

HERE = Path(widgets.__file__).parent
LITERAL = re.compile(r"(?:#|%23)[0-9a-fA-F]{3,8}\b|rgba?\(\s*\d+\s*,\s*\d+\s*,\s*\d+[^)]*\)")
NO_COLOUR = {
    "#010203": "stands for the colour of text in a picture, is found again there, and is never seen",
    "rgba(0,0,0,0)": "lets everything through",
}
# Roles that are one meaning: as in a training pass, and as in test mode.
ONE = ({"TRAIN_OPTIMIZED", "MASKED", "BATCH"}, {"TEST", "WHOLE", "RUNNING"})
# A picture of a mask and a curve cannot be taken for each other.
TWO = {widgets.MnistDashboard: {"TRAIN", "KEPT"}}


def _assigned(kind):
    """Names of palette.py that are given a string, or the colour of another name."""
    tree = ast.parse(inspect.getsource(palette)).body
    found = {each.targets[0].id for each in tree if isinstance(each, ast.Assign) and isinstance(each.value, kind)}
    return {name for name in found if str(getattr(palette, name)).startswith("#")}


ROLES, HUES = _assigned(ast.Name), _assigned(ast.Constant) - {"DROPPED", "ON"}


def _luminance(color):
    channels = np.array([int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)])
    return np.where(channels <= 0.03928, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4) @ (
        0.2126,
        0.7152,
        0.0722,
    )


def _contrast(*colors):
    dim, bright = sorted(_luminance(color) for color in colors)
    return (bright + 0.05) / (dim + 0.05)


def _keys(board):
    """(chart, name, color, dash) of everything that a board's legends and boxes name."""
    for chart in board.panels:
        declared = chart.declare()
        yield from ((chart, key["name"], key["color"], key["dash"]) for key in declared["legend"])
        if isinstance(chart, Diagram):
            yield from ((chart, *pair, "box") for pair in zip(declared["boxes"], declared["colors"], strict=True))


def _trees(board):
    """The source of a board, and of what it imports from its own folder."""
    module = inspect.getmodule(board)
    trees, folder = [ast.parse(inspect.getsource(module))], module.__name__.rpartition(".")[0]
    for each in ast.walk(trees[0]):
        if isinstance(each, ast.ImportFrom) and each.module and each.module.startswith(folder + "."):
            path = HERE.parent / (each.module.replace(".", "/") + ".py")
            trees.append(ast.parse(path.read_text(encoding="utf-8")))
    return trees


def _asked(board):
    """What a board asks the palette for: names, and the numbers of its parts; of others than constants, all."""
    names, parts = set(), set()
    for tree in _trees(board):
        calls = {id(each.func): each for each in ast.walk(tree) if isinstance(each, ast.Call)}
        for each in ast.walk(tree):
            if isinstance(each, ast.Attribute) and isinstance(each.value, ast.Name) and each.value.id == "palette":
                names.add(each.attr)
                if each.attr == "part":
                    number = calls[id(each)].args[0] if id(each) in calls else None
                    all_of_them = range(1, len(palette.CYCLE) + 1)
                    parts |= {number.value} if isinstance(number, ast.Constant) else set(all_of_them)
    names |= {"KEPT" for chart in board.panels if isinstance(chart, Heatmap) and chart.levels == 2}
    return names, parts


@pytest.mark.parametrize("card", [palette.LIGHT["card"], palette.DARK["card"]])
@pytest.mark.parametrize("name", sorted(HUES | ROLES))
def test_every_colour_of_a_line_can_be_seen_on_both_themes(name, card):
    assert _contrast(getattr(palette, name), card) >= 3.0


def test_shades_differ_from_what_was_dropped_and_from_each_other():
    for shades in (palette.KEPT_SHADES, palette.GRADIENT_SHADES):
        assert all(_contrast(a, b) > 2 for a, b in pairwise(shades))
        assert all(_contrast(shade, palette.DROPPED) > 1.5 for shade in shades)


def test_words_on_filled_buttons_can_be_read():
    assert all(_contrast(palette.ON, fill) >= 4.5 for fill in (palette.PRESSED, palette.LIGHT["accent"]))


def test_a_layer_has_a_hue_that_no_role_has():
    assert len(set(palette.LAYERS)) == 4
    assert not set(palette.LAYERS) & {getattr(palette, role) for role in ROLES}
    assert set(palette.LAYERS) & set(palette.CYCLE) == {palette.layer(3)} == {palette.part(7)}


def test_layers_workers_and_parts_come_again():
    assert [palette.layer(i) for i in (1, 4, 5)] == [palette.VIOLET, palette.BROWN, palette.VIOLET]
    assert [palette.part(i) for i in range(1, 9)] == [*palette.CYCLE, palette.CYCLE[0]]
    assert [palette.worker(i) for i in range(8)] == [*palette.CYCLE, palette.CYCLE[0]]


@pytest.mark.parametrize("path", sorted(HERE.rglob("*.*")), ids=lambda path: path.name)
def test_no_file_of_the_views_has_a_colour_of_its_own(path):
    if path.suffix in (".py", ".js", ".css"):
        found = set(LITERAL.findall(path.read_text(encoding="utf-8"))) - set(NO_COLOUR)
        assert not found, f"{path.name}: name a role in lab/palette.py"


def test_the_page_gets_its_colours_from_the_palette():
    assert palette.CHANGED in code() and "COLORS.changed" in code() and "const COLORS" not in "".join(SCRIPTS)
    assert palette.NEUTRAL.replace("#", "%23") in theme.css()  # of an arrow


def test_every_variable_of_the_style_sheet_is_there_where_it_is_asked_for():
    everywhere, *themes = theme.css().splitlines()
    beside = set(re.findall(r"(--nn4-[a-z]+):", everywhere))
    on_boards = [beside | set(re.findall(r"(--nn4-[a-z]+):", each)) for each in themes]
    style = re.sub(r"/\*.*?\*/", "", (HERE / "board" / "board.css").read_text(encoding="utf-8"), flags=re.S)
    assert everywhere.startswith(".nn4-dashboard, .nn4-board {") and on_boards[0] == on_boards[1]
    outside = []
    for selector, body in re.findall(r"([^{}]+)\{([^{}]*)\}", style):
        asked = set(re.findall(r"var\((--nn4-[a-z]+)", body)) - {"--nn4-height"}  # which each chart gives itself
        assert asked <= on_boards[0], selector
        if re.match(r"\s*\.nn4-(control|question|experiments|needs-reset)", selector):
            outside += asked
            assert asked <= beside, selector
    assert {"--nn4-arrow", "--nn4-question", "--nn4-pressed", "--nn4-wrong"} <= set(outside)


@pytest.mark.parametrize("board", BOARDS)
def test_traces_of_one_chart_that_share_a_colour_differ_otherwise(board):
    for chart in board.panels:
        keys = [(color, dash) for at, _, color, dash in _keys(board) if at is chart and dash != "box"]
        assert len(set(keys)) == len(keys), chart.name


@pytest.mark.parametrize("board", [each for each in BOARDS if each is not widgets.SpeedRoofline])  # it names its points
def test_lines_and_dots_differ_in_more_than_colour(board):
    for chart in board.panels:
        if isinstance(chart, Lines | Curves):
            lines = [(trace.dash, trace.width) for trace in styled(chart.traces) if trace.width]
            dots = [key["dash"] for key in chart.declare()["legend"] if key["dash"] in SYMBOLS]
            assert len(set(lines)) == len(lines) and len(set(dots)) == len(dots), chart.name


@pytest.mark.parametrize("board", BOARDS)
def test_the_hue_of_a_layer_is_on_what_is_called_a_layer(board):
    hued = [(name, color) for _, name, color, _ in _keys(board) if color in palette.LAYERS]
    layers = [name for name, _ in hued if "layer" in name.lower()]
    parts = [color for name, color in hued if "layer" not in name.lower()]
    assert set(parts) <= {palette.part(7)} and not (parts and layers)
    for name, color in hued:
        if name in layers:
            assert color == palette.layer(int(name[-1])), name


@pytest.mark.parametrize("board", BOARDS)
def test_no_board_gives_one_colour_two_roles(board):
    names, parts = _asked(board)
    roles = (names & ROLES) - {"NEUTRAL"}
    for family in ONE:
        roles = {min(family) if role in family else role for role in roles}
    twice = {(a, b) for a in roles for b in roles if a < b and getattr(palette, a) == getattr(palette, b)}
    assert twice <= {tuple(sorted(TWO.get(board, ())))}
    assert not {palette.part(i) for i in parts} & {getattr(palette, role) for role in roles}


@pytest.mark.parametrize("board", BOARDS)
def test_a_board_asks_for_roles_and_not_for_hues(board):
    names, _ = _asked(board)
    assert not names & (HUES | {"CYCLE", "LAYERS", "worker"})


def test_bars_have_the_colours_of_their_labels():
    bars = NamedBars("b", title="B", labels=("a", "b"), traces=("t",), colors=(palette.part(1), palette.part(2)))
    assert bars.declare()["data"][0]["marker"]["color"] == [palette.part(1), palette.part(2)]
    for wrong in ({"colors": (palette.part(1),)}, {"colors": bars.colors, "traces": ("t", "u")}):
        with pytest.raises(SettingError, match="colors are not allowed"):
            NamedBars("b", title="B", **{"labels": ("a", "b"), "traces": ("t",)} | wrong)


def test_dots_of_one_chart_have_shapes_of_their_own_that_the_legend_shows():
    chart = next(each for each in widgets.NN4GradientCheck.panels if each.name == "both")
    shapes = [trace["marker"]["symbol"] for trace in chart.declare()["data"] if trace["mode"] == "markers"]
    assert shapes == list(SYMBOLS) == [key["dash"] for key in chart.declare()["legend"]][1:]
    cards = (HERE / "board" / "board_cards.js").read_text(encoding="utf-8")
    drawn = re.search(r"const SYMBOLS = \{(.*)\};", cards).group(1)
    assert all(f"{shape}: 'M" in drawn for shape in SYMBOLS)


def test_what_shines_through_keeps_its_hue():
    assert palette.faint("#0072B2", 0.25) == "rgba(0,114,178,0.25)"
    memory = widgets.DropoutStudyBoard.panels[0].memory()
    memory.take(Panel(([0.5, 1], np.ones((3, 2)), np.ones((3, 2)))))
    fill = widgets.DropoutStudyBoard.panels[0].declare()["data"][1]["fillcolor"]
    assert fill == palette.faint(palette.TEST, 0.22)


def test_columns_before_others_are_hatched_on_the_chart_and_in_the_legend():
    chart = next(each for each in widgets.BatchnormBatches.panels if each.name == "after")
    columns = [trace["marker"].get("pattern", {}) for trace in chart.declare()["data"] if trace["type"] == "bar"]
    assert [each.get("shape") for each in columns] == [None, "/"] and columns[1]["fillmode"] == "replace"
    assert [key["dash"] for key in chart.declare()["legend"]] == ["block", "hatched", "dot"]


def test_the_legend_shows_how_wide_a_line_is():
    shares = next(each for each in widgets.DropoutMasks.panels if each.name == "share")
    assert [key["width"] for key in shares.declare()["legend"]] == [palette.THIN_WIDTH, *[palette.LINE_WIDTH] * 2]
