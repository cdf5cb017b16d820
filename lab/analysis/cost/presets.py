"""Networks of the courses, as text: every one can be read, changed and counted."""

from lab.errors import SettingError

MLPS = {  # widths: the courses name them by their parameters
    "MLP 3072-1000-1000-10": (3072, 1000, 1000, 10),
    "MLP 784-128-128-128-10": (784, 128, 128, 128, 10),
    "MLP 784-256-256-256-10": (784, 256, 256, 256, 10),
    "MLP 784-50-10-3": (784, 50, 10, 3),
    "MLP 1-5-10-10-10-10-10-5-1": (1, 5, 10, 10, 10, 10, 10, 5, 1),
    "MLP 1-10-18-15-4-1": (1, 10, 18, 15, 4, 1),
    "MLP 1-190-1": (1, 190, 1),
}
VGG = {"VGG16": (2, 2, 3, 3, 3), "VGG19": (2, 2, 4, 4, 4)}
NAIVE = (
    "branch { conv 128 1x1 nobias | conv 192 3x3 pad 1 nobias | conv 96 5x5 pad 2 nobias | maxpool 3x3 stride 1 pad 1 }"
)


def mlp(*widths: int) -> str:
    """Linear layers with biases, and ReLU between them."""
    return f"input {widths[0]}\n" + "\nrelu\n".join(f"linear {width}" for width in widths[1:])


def nn4(*widths: int) -> str:
    """NN4 without biases: dropout before every layer, batchnorm after every ReLU."""
    hidden = "\nrelu\nbn\n".join(f"dropout\nlinear {width} nobias" for width in widths[1:])
    return f"input {widths[0]}\n{hidden}"


def alexnet(towers: int = 2) -> str:
    """AlexNet: two towers hear of each other in conv3 only; one tower has no groups.

    Source: Krizhevsky, Sutskever & Hinton 2012, section 3.5. The picture is 227 wide, so that 55 windows fit.
    """
    groups = f" groups {towers}" if towers > 1 else ""
    return "\n".join((
        "input 227x227x3",
        "conv 96 11x11 stride 4; relu; maxpool 3x3 stride 2",
        f"conv 256 5x5 pad 2{groups}; relu; maxpool 3x3 stride 2",
        "conv 384 3x3 pad 1; relu",
        f"conv 384 3x3 pad 1{groups}; relu",
        f"conv 256 3x3 pad 1{groups}; relu; maxpool 3x3 stride 2",
        "flatten",
        "dropout; linear 4096; relu",
        "dropout; linear 4096; relu",
        "linear 1000",
    ))  # fmt: skip


def vgg(name: str = "VGG19", bias: bool = True) -> str:
    """VGG16 or VGG19: 3x3 windows only. Source: Simonyan & Zisserman 2015, table 1, columns D and E."""
    no = "" if bias else " nobias"
    lines = ["input 224x224x3"]
    for times, width in zip(VGG[name], (64, 128, 256, 512, 512), strict=True):
        lines.append(f"repeat {times} {{ conv {width} 3x3 pad 1{no}; relu }}; maxpool 2x2")
    return "\n".join((*lines, "flatten", f"repeat 2 {{ linear 4096{no}; relu; dropout }}", f"linear 1000{no}"))


def inception(reduce: int | None = None, size: int = 32, channels: int = 256, projection: int = 64) -> str:
    """An Inception module: naive, or with 1x1 convolutions to `reduce` channels before the large windows.

    Source: Szegedy et al. 2015, figure 2; filters as in COMS6998, homework 3: 128, 192 and 96.
    """
    start = f"input {size}x{size}x{channels}\n"
    if reduce is None:
        return start + NAIVE
    paths = (
        "conv 128 1x1 nobias",
        f"conv {reduce} 1x1 nobias; conv 192 3x3 pad 1 nobias",
        f"conv {reduce} 1x1 nobias; conv 96 5x5 pad 2 nobias",
        f"maxpool 3x3 stride 1 pad 1; conv {projection} 1x1 nobias",
    )
    return f"{start}branch {{ {' | '.join(paths)} }}"


def resnet44() -> str:
    """ResNet-44 for 32 x 32 pixels: three times seven blocks, option A. Source: He et al. 2015, section 4.2."""
    lines = ["input 32x32x3", "conv 16 3x3 pad 1 nobias; bn; relu"]
    for width, first in ((16, 1), (32, 2), (64, 2)):
        block = f"bn; relu; conv {width} 3x3 pad 1 nobias; bn"
        same = f"residual {{ conv {width} 3x3 pad 1 nobias; {block} }}; relu"
        if first == 2:
            lines.append(f"residual {{ conv {width} 3x3 stride 2 pad 1 nobias; {block} | optionA }}; relu")
        lines.append(f"repeat {7 if first == 1 else 6} {{ {same} }}")
    return "\n".join((*lines, "globalpool", "linear 10"))


def resnet152(classes: int = 10) -> str:
    """ResNet-152: 3, 8, 36 and 3 bottlenecks; the window of 3 has the stride. Source: He et al. 2015, table 1."""
    lines = ["input 224x224x3", "conv 64 7x7 stride 2 pad 3 nobias; bn; relu; maxpool 3x3 stride 2 pad 1"]
    for width, times, stride in ((64, 3, 1), (128, 8, 2), (256, 36, 2), (512, 3, 2)):
        step = f" stride {stride}" if stride > 1 else ""
        head, tail = f"conv {width} 1x1 nobias; bn; relu; conv {width} 3x3", f"conv {4 * width} 1x1 nobias; bn"
        body = f"{head}{step} pad 1 nobias; bn; relu; {tail}"
        lines.append(f"residual {{ {body} | conv {4 * width} 1x1{step} nobias; bn }}; relu")
        lines.append(f"repeat {times - 1} {{ residual {{ {head} pad 1 nobias; bn; relu; {tail} }}; relu }}")
    return "\n".join((*lines, "globalpool", f"linear {classes}"))


def edges_cnn() -> str:
    """The small network that finds edges in 28 x 28 pixels (EECS182, homework 4): three filters of 7 x 7."""
    return "\n".join((
        "input 28x28x1", "conv 3 7x7 pad 3; relu; maxpool 2x2", "conv 3 7x7 pad 3; relu", "globalpool", "linear 3",
    ))  # fmt: skip


PRESETS: dict[str, str] = {
    "NN4 784-512-256-128-10": nn4(784, 512, 256, 128, 10),
    **{name: mlp(*widths) for name, widths in MLPS.items()},
    "CNN for edges": edges_cnn(),
    "AlexNet, two towers": alexnet(2),
    "AlexNet, one tower": alexnet(1),
    **{f"{name}{'' if bias else ' without biases'}": vgg(name, bias) for name in VGG for bias in (True, False)},
    "Inception, naive": inception(),
    "Inception, reduced": inception(64),
    "ResNet-44": resnet44(),
    "ResNet-152, ten classes": resnet152(),
}


def preset(name: str) -> str:
    """The text of a network. Raises `SettingError` for a name that is none of PRESETS."""
    if name not in PRESETS:
        raise SettingError(f"preset = {name!r} is unknown. Choose one of: {', '.join(PRESETS)}.")
    return PRESETS[name]
