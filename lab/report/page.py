"""A run's page: the result, the settings, the charts and the numbers, every text of a run escaped."""

from collections.abc import Mapping, Sequence
from html import escape
from typing import TYPE_CHECKING, Any

from lab.events import EpochDone
from lab.report.document import charts, document
from lab.report.words import data_set, labels, settings_rows

if TYPE_CHECKING:
    from plotly.graph_objects import Figure


def page(
    description: Mapping[str, Any],
    epochs: Sequence[EpochDone],
    figures: Sequence[tuple["Figure", str, bool]],
    seconds: float,
    host: Mapping[str, Any] | None,
) -> str:
    """The whole HTML page; `figures` holds (figure, what it shows in one sentence, over both columns)."""
    title = f"NN4 on {data_set(description.get('data', 'unnamed data'))}, {labels(description.get('classes'))}"
    return document(
        title,
        header=f"""<h1>{escape(title)}</h1>
<p class="muted">A four-layer network written from scratch, trained by synchronous mini-batch SGD</p>
{_notice(description.get("note"))}""",
        top=f"""<section class="card" aria-label="Result">{_result(epochs, seconds)}</section>
<section class="card"><h2>Settings</h2>{_pairs("settings", settings_rows(description))}</section>""",
        grid=f"""{charts(figures)}
<section class="card wide"><details><summary>The numbers of every epoch</summary>{_numbers(epochs)}</details></section>
{_machine(description, host)}""",
    )


def _notice(note: Any) -> str:
    return f'<p class="notice" role="note"><strong>Note.</strong> {escape(str(note))}</p>' if note else ""


def _result(epochs: Sequence[EpochDone], seconds: float) -> str:
    """The one number in large type, and what belongs to it."""
    if not epochs:
        return '<h2>Test accuracy</h2><p class="big">&ndash;</p><p>No epoch is finished yet.</p>'
    last = epochs[-1]
    facts = (
        ("test error", f"{100 * (1 - last.test_accuracy):.2f} %"),
        ("test loss", f"{last.test_loss:.4f}"),
        ("training subset, accuracy", f"{100 * last.train_accuracy:.2f} %"),
        ("training subset, loss", f"{last.train_loss:.4f}"),
        ("epochs", f"{last.epoch:,}"),
        ("rounds", f"{last.step:,}"),
        ("seconds in all", f"{seconds:,.1f}"),
        ("training seconds an epoch", f"{sum(e.seconds for e in epochs) / len(epochs):.2f}"),
    )
    return (
        f'<h2>Test accuracy</h2><p class="big">{100 * last.test_accuracy:.2f} %</p>'
        f'<p class="muted">in test mode, after epoch {last.epoch}</p>{_pairs("facts", facts)}'
    )


def _pairs(kind: str, pairs: Sequence[tuple[str, str]]) -> str:
    """Names with their values, small over large."""
    items = "".join(f"<div><dt>{escape(name)}</dt><dd>{escape(value)}</dd></div>" for name, value in pairs)
    return f'<dl class="{kind}">{items}</dl>'


def _table(rows: Sequence[tuple[str, str]]) -> str:
    body = "".join(f'<tr><th scope="row">{escape(name)}</th><td>{escape(words)}</td></tr>' for name, words in rows)
    return f'<table class="plain">{body}</table>'


def _numbers(epochs: Sequence[EpochDone]) -> str:
    names = ("epoch", "round", "loss as optimized", "train loss", "test loss", "test accuracy %", "error %", "seconds")
    head = "".join(f'<th scope="col">{name}</th>' for name in names)
    body = "".join(
        f"<tr><td>{e.epoch}</td><td>{e.step:,}</td><td>{e.loss:.4f}</td><td>{e.train_loss:.4f}</td>"
        f"<td>{e.test_loss:.4f}</td><td>{100 * e.test_accuracy:.2f}</td><td>{100 * (1 - e.test_accuracy):.2f}</td>"
        f"<td>{e.seconds:.2f}</td></tr>"
        for e in epochs
    )
    table = f'<table class="numbers"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>'
    return f'<div class="scroll">{table}</div>'


def _machine(description: Mapping[str, Any], host: Mapping[str, Any] | None) -> str:
    """Where it ran, and the two hashes by which runs are compared."""
    rows = [(str(name), str(value)) for name, value in (host or {}).items()]
    for key, label in (("fingerprint", "data fingerprint"), ("parameters_sha256", "weights, sha256")):
        if description.get(key):
            rows.append((label, str(description[key])))
    if not rows:
        return ""
    details = f"<details><summary>Machine and fingerprints</summary>{_table(rows)}</details>"
    return f'<section class="card wide">{details}</section>'
