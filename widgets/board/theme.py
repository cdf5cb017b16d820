"""The lab's colours as CSS variables: the page's own (JupyterLab, Colab, VS Code) where it has some, else the lab's.

board.js finds out whether the page is light or dark and sets `data-theme` on the board; everything else is CSS.
"""

from lab import palette

# What a page may call its colours, in the order in which they are asked for.
_PAGE = {
    "text": ("--jp-ui-font-color1", "--colab-primary-text-color", "--vscode-editor-foreground"),
    "muted": ("--jp-ui-font-color2", "--colab-secondary-text-color", "--vscode-descriptionForeground"),
    "card": ("--jp-layout-color1", "--colab-primary-surface-color", "--vscode-editor-background"),
    "rule": ("--jp-border-color2", "--colab-border-color", "--vscode-panel-border"),
    "accent": ("--jp-brand-color1",),
}


def css() -> str:
    """Variables `--nn4-text`, `--nn4-card`, ... for both themes, and one for each role of a colour."""
    font = f"--nn4-font: var(--jp-ui-font-family, {palette.FONT});"
    return "\n".join(
        f'.nn4-board[data-theme="{name}"] {{ {font} {_variables(colors)} }}'
        for name, colors in (("light", palette.LIGHT), ("dark", palette.DARK))
    )


def _variables(colors: dict[str, str]) -> str:
    made = []
    for name, color in colors.items():
        for variable in reversed(_PAGE.get(name, ())):
            color = f"var({variable}, {color})"
        made.append(f"--nn4-{name}: {color};")
    return " ".join(made)
