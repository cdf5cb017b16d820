"""The boards of page 03, NN4."""

from tests.browser.table import Predicted, Press, Seen, Table, choose, drag, press, switch

TABLES = {
    "layers": Table(
        "NN4Layers", plays="z",
        controls={
            "layer": Press(choose("3"), "W", r"^W3 \(32 × 16\)"),
            "keep": Press(drag(0.4), "mask", lambda keep: f"times {1 / keep:.3g}$"),
            "batchnorm": Press(switch(), "table", r"^(?![\s\S]*gamma1)"),
            "mode": Press(choose("test"), "mask", "kept 100.0%"),
            "delta": Press(drag(0.9), "W", steps=1),
            "hidden": Press(choose("32, 32, 16"), "W", r"^W1 \(64 × 32\)"),
            "classes": Press(choose("even or odd: sigmoid"), "net", "sigmoid"),
            "data": Press(choose("MNIST if here"), "W", r"^W1 \(784 × 64"),
        },
        experiments={
            "a layer of NN4": Seen("W", "^W2"),
            "while it learns": Seen("mask", "times 1.05"),
            "test mode": Seen("mask", "mask2: kept 100.0%"),
            "even or odd": Seen("W", r"^W4 \(16 × 1\)"),
        },
        questions={"total": Predicted("3904", "hidden", "seen: 3,904.*off by 0")},
    ),
    "phases": Table(
        "NN4Phases", plays="arrays",
        controls={
            "layer": Press(choose("4"), "first", r"^W4 \(16 × 10\)", first=31),
            "keep": Press(press("End"), "arrays", steps=2),
            "delta": Press(drag(0.9), "arrays", first=30, steps=1),
            "K": Press(press("ArrowRight"), "where", "phase 1 of 63", steps=1),
            "batchnorm": Press(switch(), "where", "phase 1 of 25", steps=1),
            "classes": Press(choose("even or odd: sigmoid"), "where", "16 → 1(?!0)"),
        },
        experiments={
            "one round": Seen("where", "phase 32 of 32: update", steps=32),
            "without batchnorm": Seen("where", "phase 25 of 25: update", steps=25),
            "two mini-batches": Seen("where", "phase [2-9] of 63"),
            "no dropout": Seen("arrays", r"mask1 .* 1 +0 +1 +1\n", steps=2),
        },
        questions={
            "order": Predicted(
                "linear, dropout, relu, batchnorm", "one round", "batchnorm, relu, linear, dropout.*otherwise"
            ),
            "when": Predicted(
                "once, when the whole gradient is there", "one round", "once, when.*as you predicted"
            ),
        },
    ),
    "health": Table(
        "NN4Health", plays="alarms", curve="gradient",
        controls={
            "delta": Press(drag(0.9), "ratio", steps=6),
            "keep": Press(drag(0.1), "gradient", steps=6),
            "batchnorm": Press(switch(), "drift", "no running statistics", steps=6),
            "gain": Press(drag(0.9), "gradient", steps=6),
        },
        experiments={
            "healthy": Seen("alarms", r"^0 at round [1-9]\d.*\nNone\."),
            "ReLUs die": Seen("alarms", "dead ReLUs: layer"),
            "start too small": Seen("alarms", "gradient vanished: layer"),
            "p = 0.3": Seen("alarms", "drift: layer"),
            "step too large": Seen("status", "NotFiniteError"),
        },
        questions={
            "dies": Predicted("that of layer 1 only", "ReLUs die", "those of all four layers.*otherwise"),
        },
    ),
    "gradient": Table(
        "NN4GradientCheck", plays="both", start={"entries": 4}, folded=True,
        controls={
            "mistake": Press(choose("sum for mean"), "table", "mistake: sum for mean(.*\n)*.*W1 .*WRONG", steps=40),
            "keep": Press(press("End"), "both", steps=1),
            "batchnorm": Press(switch(), "both", "^16 entries", steps=40),
            "entries": Press(press("ArrowRight"), "both", "^80 entries", steps=40),
        },
        experiments={
            "right": Seen("table", "(.* right\n){9}.* right$"),
            "1/p forgotten": Seen("table", "mistake: 1/p forgotten(.*\n)*.*W3 .*WRONG"),
            "ReLU left out": Seen("table", "mistake: ReLU left out(.*\n)*.*W3 .*WRONG"),
            "sum for mean": Seen("table", "mistake: sum for mean(.*\n)*.*W4 .*WRONG"),
            "another mask": Seen("table", "mistake: another mask(.*\n)*.*W1 .*WRONG"),
        },
        questions={
            "digits": Predicted("-3", "right", "seen: -(8|9|10).*off by"),
            "spoiled": Predicted("only W1", "1/p forgotten", "all but W4.*otherwise"),
        },
    ),
}  # fmt: skip
