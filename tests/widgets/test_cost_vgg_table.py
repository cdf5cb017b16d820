"""The table to be filled in checks what is typed, keeps it, and gives hints in words."""

from widgets.cost.vgg_table import VggTable
from widgets.grammar import answers


def test_the_table_checks_what_is_typed_and_keeps_it():
    table = VggTable()
    assert len(table.boxes) == 30 and table.right == 0
    table.boxes["conv3", "parameters"].value = "3*3*64*128"
    table.boxes["conv3", "activations"].value = "112*112*64"
    table.boxes["fc1", "parameters"].value = "many"
    assert table.right == 1 and "1 of 30" in table.says.value
    assert "✓" in table.hints["conv3"].value and "half or double" in table.hints["conv3"].value
    assert "is no number" in table.hints["fc1"].value
    again = VggTable()
    assert again.right == 1 and again.boxes["fc1", "parameters"].value == "many"
    assert VggTable(key="other").right == 0
    table.boxes["conv3", "activations"].value = ""
    assert "activations" not in table.hints["conv3"].value
    table.close()


def test_a_hint_is_words_and_no_html():
    table = VggTable(key="html")
    table.boxes["fc1", "parameters"].value = "<img src=x>"
    assert "<img" not in table.hints["fc1"].value
    answers.keep("VggTable.broken", {"answer": {"nowhere parameters": "3", "fc1 parameters": 5}})
    assert VggTable(key="broken").right == 0
