"""The boards of page 01, dropout."""

from tests.browser.table import Predicted, Press, Seen, Table, choose, drag, press, switch

TABLES = {
    "masks": Table(
        "DropoutMasks", plays="mask", start={"data": "digits"}, curve="share",
        controls={
            "keep": Press(drag(0.2), "forward", lambda keep: f"made {1 / keep:.3g} times as bright$"),
            "mode": Press(choose("test"), "mask", "kept 100.0%"),
            "sample": Press(press("ArrowRight", 3), "forward"),
            "redraw": Press(switch(), "backward", "another mask; off by (?!.*e-)"),
            "data": Press(choose("MNIST if here"), "mask", "of 25,088"),
        },
        experiments={
            "half": Seen("share", r"p = 0\.50$"),
            "one in ten": Seen("forward", "made 10 times as bright"),
            "test mode": Seen("mask", "kept 100.0%"),
            "another mask backward": Seen("backward", "another mask"),
        },
        questions={
            "share": Predicted("about half, another number in each pass", "half", "about half.*as you predicted"),
            "redraw": Predicted(
                "by about as much as the gradient is large", "another mask backward", "by about.*as you predicted"
            ),
        },
    ),
    "means": Table(
        "DropoutMeans", plays="unit",
        controls={
            "keep": Press(drag(0.4), "off", "^64 passes", first=3),  # a move counts anew
            "inverted": Press(switch(), "unit", r"mean 0\.[45]", first=3),
            "unit": Press(drag(0.9), "z", first=1),
            "means": Press(choose("ReLU(z)"), "off", first=3),
        },
        experiments={
            "the bell": Seen("off", r"\d,\d{3} passes: [67]\d% within"),
            "68 %": Seen("off", r"\d,\d{3} passes: [67]\d% within"),
            "ReLU's mean": Seen("off", r"\d,\d{3} passes: [0-4]?\d% within"),
            "without 1/p": Seen("unit", r"mean 0\.(49|50)"),
        },
        questions={
            "kept": Predicted("that of z, but not that of ReLU(z)", "the bell", "not that of ReLU.*as you predicted"),
            "plain": Predicted("0.25", "without 1/p", r"seen: 0\.(49|5).*off by 0\.2"),
        },
    ),
    "aggregation": Table(
        "DropoutAggregation", plays="prediction", start={"epochs": 0},
        controls={
            "T": Press(drag(0.2), "loss", lambda T: f"^{T:.0f} of them", first=16),
            "sample": Press(press("ArrowRight", 2), "digit", r"^a \d; \d networks say \d, the whole says \d", first=2),
            "keep": Press(press("ArrowLeft", 4), "prediction", steps=2),
            "epochs": Press(choose("10"), "loss", r"whole [01]\.", steps=1),
        },
        experiments={
            "p = 0.8": Seen("loss", r"whole 0\.[12]"),
            "p = 0.5": Seen("loss", r"whole [01]\."),
            "nothing learned": Seen("loss", r"whole [234]\."),  # guessing costs ln 10 or more
        },
        questions={"lower": Predicted("the mean of 64 masked networks", "p = 0.8", "the one pass in test mode")},
    ),
    "study": Table(
        "DropoutStudyBoard", plays="loss", start={"epochs": 20}, folded=True,
        controls={
            "samples": Press(choose("500"), "loss", steps=1),
            "hidden": Press(choose("256"), "loss", steps=1),
            "epochs": Press(choose("60"), "loss", steps=1),
            "seeds": Press(press("ArrowRight", 2), "loss", "0 of 80 runs"),  # eight p from ten seeds
        },
        experiments={
            "200 samples": Seen("loss", "lowest median"),
            "1,000 samples": Seen("loss", "lowest median"),
            "wide and long": Seen("loss", "lowest median"),
        },
        questions={"best": Predicted("0.8")},
    ),
}  # fmt: skip
