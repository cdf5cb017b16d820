"""What a board shows, read without a page."""

import re


def arrays(dashboard, panel):
    """What a chart draws, by (trace, key)."""
    return {(trace, key): array for trace, key, array in dashboard.session.memories[panel].arrays()}


def text(dashboard, panel):
    """A title's live number."""
    arrays(dashboard, panel)  # what is made only where it is sent
    return dashboard.session.memories[panel].text


def said(dashboard, panel):
    """A title's live number, and the numbers in it."""
    words = text(dashboard, panel)
    return words, [float(number) for number in re.findall(r"-?\d+\.?\d*(?:e[-+]?\d+)?", words.replace(",", ""))]


def told(dashboard, question):
    """What a question sees on the board as it is now; None where the board shows something else than is asked."""
    asked = dashboard.predictions.asked[question]
    if not asked.answered:
        asked.skip()
    return asked.question.seen(dashboard.session.now())


def seen(dashboard, question):
    """What a question sees on the board as it is now, answered or not."""
    asked = next(each for each in dashboard.questions if each.name == question)
    return asked.seen(dashboard.session.now())


def tried(dashboard, name):
    """The same board after one of its experiments was pressed."""
    (each,) = (each for each in dashboard.experiments if each.name == name)
    dashboard._try(each)
    return dashboard
