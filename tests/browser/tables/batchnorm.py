"""The boards of page 02, batch normalization."""

from tests.browser.table import Predicted, Press, Seen, Table, choose, drag, press, switch

NORMAL = r"^mean 0\.00, deviation (1\.00|0\.99)"

TABLES = {
    "batches": Table(
        "BatchnormBatches", plays="before", curve="mean",
        controls={
            "batch": (
                Press(drag(0.5), "before"),
                Press(press("Home"), "status", "at least 2 samples"),
            ),
            "gamma": Press(drag(0.25), "after", lambda gamma: f"deviation {abs(gamma):.2f}"),
            "beta": Press(drag(0.75), "after", lambda beta: f"^mean {beta:.2f}"),
            "eps": Press(drag(1.0), "after", r"deviation 0\.[0-4]"),
            "delta": Press(choose("fast: δ = 0.5"), "mean", steps=2, first=1),
            "layer": Press(choose("2"), "before"),
            "unit": Press(press("ArrowRight", 4), "before"),
            "values": Press(choose("all units"), "before"),
            "data": Press(choose("MNIST"), "before"),
        },
        experiments={
            "64 samples": Seen("after", NORMAL),
            "two samples": Seen("after", r"deviation (1\.00|0\.00)"),
            "it learns": Seen("mean", r"^batch \d\.\d+, running \d"),
            "large ε": Seen("after", r"deviation 0\.[0-8]"),
            "all units": Seen("before"),
        },
        questions={
            "two": Predicted("all values between −1 and 1", "two samples", r"seen: \+1 and −1.*otherwise"),
        },
    ),
    "race": Table(
        "BatchnormRace", plays="loss", start={"batch": 32},
        controls={
            "delta": Press(drag(0.3), "loss", steps=2),
            "keep": Press(drag(0.5), "loss", steps=2),
            "batch": Press(choose("16"), "loss", steps=1),
            "data": Press(choose("MNIST"), "loss", steps=1),
        },
        experiments={
            "large steps: δ = 1": Seen("error", "with"),
            "usual steps: δ = 0.1": Seen("error", "with"),
            "too large: δ = 5": Seen("loss", "without gone at round"),
        },
        questions={"who": Predicted("both", "large steps: δ = 1", "only the one with batchnorm.*otherwise")},
    ),
    "shift": Table(
        "BatchnormShift", plays="ratio", start={"epochs": 5},
        controls={
            "recompute": Press(switch(), "accuracy", r"^running [1-5]\d %, recomputed [4-9]\d %$", first=30),
            "keep": Press(press("ArrowRight", 2), "ratio", steps=1),
            "delta": Press(drag(0.9), "ratio", steps=1),
            "samples": Press(choose("500"), "ratio", steps=1),
            "epochs": Press(choose("10"), "ends", "^0 of 8", steps=8),  # with 5 the first network is done then
        },
        experiments={
            "p = 0.3": Seen("accuracy", r"^running \d+ %$"),
            "p = 0.7": Seen("accuracy", r"^running \d+ %, recomputed \d+ %"),
            "without dropout": Seen("ratio", r"layer 1: (0\.9|1\.[01])"),
        },
        questions={"gain": Predicted("it falls", "recompute", "it rises.*otherwise")},
    ),
    "terms": Table(
        "BatchnormTermsBoard", plays="given", folded=True,
        controls={
            "batch": Press(press("ArrowLeft", 2), "values"),
            "layer": Press(choose("3"), "values"),
            "unit": Press(press("ArrowRight", 2), "values"),
        },
        experiments={
            "eight samples": Seen("sum", "off by .*e-.* from differences", steps=8),
            "two samples": Seen("sum", "off by .*e-.* from differences", steps=8),
            "32 samples": Seen("sum", "off by .*e-.* from differences", steps=8),
        },
        questions={"left": Predicted("about a half", "two samples", "next to nothing.*otherwise")},
    ),
    "drift": Table(
        "BatchnormDrift", plays="mean", folded=True,
        controls={
            "delta": Press(drag(0.9), "mean", steps=3),
            "batch": Press(choose("8"), "mean", steps=1),
            "layer": Press(choose("2"), "lag", "^layer 2", steps=2, first=1),
            "unit": Press(press("ArrowRight", 2), "mean", steps=1),
        },
        experiments={
            "tiny steps": Seen("lag", "layer 1"),
            "large steps": Seen("lag", "layer 1"),
            "two samples": Seen("noise", r"layer 1: 0\.[3-9]"),  # about 1/√2
        },
        questions={"nearer": Predicted("the batch's", "tiny steps", "the running one.*otherwise")},
    ),
    "scale": Table(
        "BatchnormScale", plays="cosine", folded=True,
        controls={
            "layer": Press(choose("3"), "loss", "^layer 3"),
            "eps": Press(drag(0.9), "angle", steps=1),
            "delta": Press(drag(0.9), "length", steps=2),
            "keep": Press(drag(0.4), "cosine", steps=1),
            "batchnorm": Press(switch(), "cosine", r"layer 1: \d\.\de-0[12]", steps=1),
        },
        experiments={
            "right angles": Seen("cosine", r"layer 1: \d\.\de-0[4-9]"),
            "layer 4": Seen("loss", "^layer 4"),
            "large ε": Seen("cosine", r"layer 1: \d\.\de-0[1-4]"),
            "without batchnorm": Seen("cosine", r"layer 1: \d\.\de-0[12]"),
        },
        questions={"ten": Predicted("it rises", "right angles", "it stays as it is.*otherwise")},
    ),
    "shards": Table(
        "BatchnormShards", plays="spread", folded=True,
        controls={
            "K": Press(choose("4"), "mean", "^K = 4, 32 samples", first=4),
            "unit": Press(press("ArrowRight", 3), "variance", first=4),
            "batch": Press(choose("256"), "spread", "N = 256", steps=2),
        },
        experiments={
            "8 shards": Seen("mean", "^K = 8, 16 samples each"),
            "64 shards": Seen("mean", "^K = 64, 2 samples each"),
            "2 shards": Seen("mean", "^K = 2, 64 samples each"),
        },
        questions={"off": Predicted("by rounding only", "64 shards", "by several times its length.*otherwise")},
    ),
}  # fmt: skip
