"""The one visual language of the lab: what a colour means, the same in every chart and on every page.

The hues are those of Okabe & Ito, chosen so that colour-blind readers can tell them apart. Orange, sky
and yellow are darkened until every line has a contrast of at least 3:1 on white as well as on the dark
card. Lines that share a chart differ in dash or marker too, never in colour alone. Layers have hues of their own, so
that none of them can be taken for a role.

Source: Okabe & Ito 2008, "Color Universal Design"; contrast as WCAG 2.1, success criterion 1.4.11.
"""

BLUE = "#0072B2"
VERMILLION = "#D55E00"
GREEN = "#009E73"
PURPLE = "#CC79A7"
ORANGE = "#C28400"  # Okabe-Ito #E69F00, darkened
SKY = "#3A95CC"  # Okabe-Ito #56B4E9, darkened
OLIVE = "#9A8F00"  # Okabe-Ito #F0E442, darkened
GREY = "#808893"
VIOLET = "#8C6BD9"
TEAL = "#1E97A3"
BROWN = "#AE6A4B"

# Roles. A chart asks for a role, not for a colour. Sky is what a training pass does, with masks and with statistics of
# its batch; vermillion is test mode: the whole network, running statistics. No board gives one colour two roles.
TRAIN_OPTIMIZED = SKY  # the loss that is minimized
MASKED = SKY  # a network with masks
BATCH = SKY  # statistics of a mini-batch
TEST = VERMILLION
WHOLE = VERMILLION  # the network without masks, or the whole batch
RUNNING = VERMILLION  # running statistics
TRAIN = BLUE  # the training samples in test mode, or their statistics
KEPT = BLUE
SEEN = BLUE  # what was measured, drawn or computed, where it is nothing else
DROPPED = "#B9C0CA"
SUM = GREY  # z, before ReLU
RAW = ORANGE  # before batchnorm, or without it
NORMALIZED = GREEN  # after it, or with it
GRADIENT = PURPLE  # a gradient, and what descent along it has learned
WAIT = GREY
LAW = GREY  # what an equation says, a limit: dashed, beside what was measured
CHANGED = GREY  # where a setting was changed during the run

# Signs of the page, beside words that say the same.
RIGHT = GREEN  # an answer; a run that goes on
WAITING = ORANGE
WRONG = VERMILLION  # an answer, an error, a control that needs a reset
QUESTION = PURPLE
PRESSED = BLUE

# Shades from nothing to much; both differ from DROPPED at every step.
KEPT_SHADES = ("#EAF3F9", BLUE, "#00243D")
GRADIENT_SHADES = ("#FBF1F6", GRADIENT, "#5A1F42")

# From the largest negative to the largest positive number; the middle is 0.
SIGNED_SHADES = (VERMILLION, "#F5F3F0", BLUE)

CYCLE = (BLUE, ORANGE, GREEN, PURPLE, SKY, VERMILLION, OLIVE)
LAYERS = (VIOLET, TEAL, OLIVE, BROWN)

# Text, axes and surfaces of the two themes. `NEUTRAL` text can be read on both, for a figure that
# does not know its page.
NEUTRAL = GREY
ON = "#FFFFFF"  # words on a filled button, the rim of a spot on a map
LIGHT = {
    "page": "#f5f6f8",
    "card": "#ffffff",
    "text": "#1d2129",
    "muted": "#59616e",
    "grid": "#e3e6eb",
    "rule": "#d3d8df",
    "notice": "#fff3d6",
    "accent": "#00608f",
}
DARK = {
    "page": "#12151a",
    "card": "#1b1f27",
    "text": "#e8eaee",
    "muted": "#a3abb8",
    "grid": "#2f3540",
    "rule": "#3a414d",
    "notice": "#40340f",
    "accent": "#6cc0ee",
}

# Sizes in pixels; the font is the reader's own, so nothing has to be loaded.
FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif"
TITLE_SIZE = 16
AXIS_SIZE = 13
TEXT_SIZE = 12
LINE_WIDTH = 2.5
THIN_WIDTH = 1.0
MARKER_SIZE = 6


def worker(index: int) -> str:
    """The colour of worker `index`; after seven workers the colours come again."""
    return CYCLE[index % len(CYCLE)]


def layer(index: int) -> str:
    """The colour of layer `index`, counted from 1 as in W1, gamma1; after four layers the colours come again."""
    return LAYERS[(index - 1) % len(LAYERS)]


def part(index: int) -> str:
    """A colour without a meaning of its own, for part `index` of a whole, counted from 1: a kernel, a kind of memory.

    Beside roles, take a part whose colour none of them has; beside layers, not the seventh, which is layer 3's.
    """
    return CYCLE[(index - 1) % len(CYCLE)]


def faint(color: str, opacity: float) -> str:
    """A colour that lets through what lies behind it, in CSS' words."""
    red, green, blue = (int(color[i : i + 2], 16) for i in (1, 3, 5))
    return f"rgba({red},{green},{blue},{opacity:g})"
