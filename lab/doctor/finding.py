"""One finding, and findings as text for a terminal."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Finding:
    """What the doctor says about one topic.

    Attributes:
        topic: what was looked at, such as "NumPy" or "GPU 0".
        ok: True: it works. False: it is broken, or the lab needs it and it is not here.
            None: it is not here, and the lab runs without it.
        says: one sentence, the cause included where something is wrong.
        cure: one command, or "" where nothing has to be or can be done.
    """

    topic: str
    ok: bool | None
    says: str
    cure: str = ""


MARKS = {True: "ok", None: "--", False: "!!"}


def render(findings: Sequence[Finding]) -> str:
    """Findings as aligned lines, each cure below its cause, and a last line that sums up."""
    width = max((len(finding.topic) for finding in findings), default=0)
    lines = []
    for finding in findings:
        lines.append(f"{MARKS[finding.ok]}  {finding.topic:<{width}}  {finding.says}")
        if finding.cure:
            lines.append(f"    {'':<{width}}  -> {finding.cure}")
    broken = [finding.topic for finding in findings if finding.ok is False]
    lines.append(f"To be cured: {', '.join(broken)}." if broken else "Everything that the lab needs is here.")
    return "\n".join(lines)
