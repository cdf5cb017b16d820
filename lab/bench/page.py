"""The result as one self-contained HTML page: goals in sum, the charts, the table, the machine."""

from collections.abc import Mapping
from html import escape
from itertools import groupby
from typing import Any

from lab.bench import table
from lab.bench.figures import ratio_figures
from lab.report.document import charts, document

HEAD = ("", "batch", "threads", "dtype", "ours", "beside", "measured", "quartiles", "goal", "stretch", "")
OWN_STYLE = """
.numbers td, .numbers th { text-align: right; }
.numbers .word { text-align: left; }
.numbers .group th { text-align: left; padding-top: 16px; }
.numbers .note td { text-align: left; color: var(--muted); white-space: normal; border: 0; padding-top: 0; }
.scores { columns: 2; column-gap: 24px; list-style: none; margin: 6px 0 0; padding: 0; font-size: 13px; }
.scores li { display: flex; justify-content: space-between; break-inside: avoid; }
.yes { color: var(--accent); font-weight: 600; }
"""
WORDS = {0, 3, 5, 10}  # columns of words


def page(result: Mapping[str, Any]) -> str:
    """The whole page; it stands alone and loads nothing."""
    machine = "".join(f"<p>{escape(line)}</p>" for line in table.heading(result))
    quiet = result["calibration"]["verdict"] == "quiet"
    calibration = escape(result["calibration"]["sentence"]) if quiet else ""
    return document(
        "NN4 Lab: speed",
        header=f"""<h1>How fast the lab is, beside others</h1>
<p class="muted">Medians of ratios of interleaved measurements, with quartiles. More than 1: the other is slower.</p>
{_notice(result)}""",
        top=f"""<section class="card" aria-label="Goals">{_goals(result)}</section>
<section class="card"><h2>Machine</h2>{machine}<p class="muted">{calibration}</p></section>""",
        grid=f"""{charts(ratio_figures(result["rows"]))}
<section class="card wide"><h2>Everything that was measured</h2>{_table(result["rows"])}</section>""",
        style=OWN_STYLE,
    )


def _notice(result: Mapping[str, Any]) -> str:
    """What limits the result, each sentence in its own line: noise, peers that are missing, parts that failed."""
    known = {table.summary(result)}  # said elsewhere on the page
    if result["calibration"]["verdict"] == "quiet":
        known.add(result["calibration"]["sentence"])
    sentences = [line for line in table.remarks(result) if line not in known]
    lines = "<br>".join(map(escape, sentences))
    return f'<p class="notice" role="note">{lines}</p>' if lines else ""


def _goals(result: Mapping[str, Any]) -> str:
    """The one number in large type: goals reached, of those that were measured."""
    aimed = [row for row in result["rows"] if row["goal"] is not None]
    if not aimed:
        return '<h2>Goals reached</h2><p class="big">&ndash;</p><p class="muted">None is set for these rows.</p>'
    scores = "".join(
        f"<li>{escape(workload)} <b>{sum(row['reached'] for row in rows)} / {len(rows)}</b></li>"
        for workload in dict.fromkeys(row["workload"] for row in aimed)
        if (rows := [row for row in aimed if row["workload"] == workload])
    )
    stretched = sum(table.verdict(row) == "stretch" for row in aimed)
    return (
        f'<h2>Goals reached</h2><p class="big">{sum(row["reached"] for row in aimed)} of {len(aimed)}</p>'
        f'<p class="muted">{stretched} of them by the stretch</p><ul class="scores">{scores}</ul>'
    )


def _table(rows: list[dict[str, Any]]) -> str:
    """The rows in the groups of the terminal's table, with their notes."""
    head = "".join(f'<th scope="col"{_kind(i)}>{name}</th>' for i, name in enumerate(HEAD))
    body = ""
    for workload, group in groupby(rows, key=lambda row: row["workload"]):
        listed = list(group)
        title = escape(table.TITLES.get(workload, workload))
        body += f'<tr class="group"><th scope="rowgroup" colspan="{len(HEAD)}">{title}</th></tr>'
        body += "".join(f"<tr>{_cells(row)}</tr>" for row in listed)
        for note in dict.fromkeys(row["note"] for row in listed):
            if note:
                body += f'<tr class="note"><td colspan="{len(HEAD)}">{escape(note)}</td></tr>'
    numbers = f'<table class="numbers"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>'
    return f'<div class="scroll">{numbers}</div>'


def _cells(row: Mapping[str, Any]) -> str:
    texts = [escape(text) for text in table.cells(row)]
    if row["reached"]:
        texts[-1] = f'<span class="yes">{texts[-1]}</span>'
    return "".join(f"<td{_kind(i)}>{text}</td>" for i, text in enumerate(texts))


def _kind(column: int) -> str:
    return ' class="word"' if column in WORDS else ""
