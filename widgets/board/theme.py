"""The lab's colours as CSS variables: the page's own (JupyterLab, Colab, VS Code) where it has some, else the lab's.

board.js finds out whether the page is light or dark and sets `data-theme` on the board. Signs have one colour in both
themes, so that what stands beside a board in its dashboard has them, too. Everything else is CSS.
"""

from urllib.parse import quote

from lab import palette

# What a page may call its colours, in the order in which they are asked for.
_PAGE = {
    "text": ("--jp-ui-font-color1", "--colab-primary-text-color", "--vscode-editor-foreground"),
    "muted": ("--jp-ui-font-color2", "--colab-secondary-text-color", "--vscode-descriptionForeground"),
    "card": ("--jp-layout-color1", "--colab-primary-surface-color", "--vscode-editor-background"),
    "rule": ("--jp-border-color2", "--colab-border-color", "--vscode-panel-border"),
    "accent": ("--jp-brand-color1",),
}
_SIGNS = {
    "right": palette.RIGHT,
    "waiting": palette.WAITING,
    "wrong": palette.WRONG,
    "question": palette.QUESTION,
    "pressed": palette.PRESSED,
    "play": palette.LIGHT["accent"],
    "on": palette.ON,
}
_ARROW = (  # of a select: that of ipywidgets is black in the dark theme, too
    "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 18 18'>"
    f"<path d='M5 7l4 4 4-4' fill='none' stroke='{palette.NEUTRAL}' stroke-width='2'/></svg>"
)


def css() -> str:
    """Variables `--nn4-text`, `--nn4-card`, ... for both themes; `--nn4-right`, `--nn4-wrong`, ... for all of them."""
    font = f"--nn4-font: var(--jp-ui-font-family, {palette.FONT});"
    arrow = f'--nn4-arrow: url("data:image/svg+xml,{quote(_ARROW)}");'
    themes = (
        f'.nn4-board[data-theme="{name}"] {{ {font} {_variables(colors)} }}'
        for name, colors in (("light", palette.LIGHT), ("dark", palette.DARK))
    )
    return "\n".join((f".nn4-dashboard, .nn4-board {{ {arrow} {_variables(_SIGNS)} }}", *themes))


def in_scripts() -> dict[str, str]:
    """Colours that the page's scripts draw with, beside those of the charts."""
    return {"changed": palette.CHANGED, "neutral": palette.NEUTRAL, "on": palette.ON}


def _variables(colors: dict[str, str]) -> str:
    made = []
    for name, color in colors.items():
        for variable in reversed(_PAGE.get(name, ())):
            color = f"var({variable}, {color})"
        made.append(f"--nn4-{name}: {color};")
    return " ".join(made)
