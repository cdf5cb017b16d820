"""NN4: four layers with dropout on every layer's input and batch normalization after every ReLU."""

from collections.abc import Sequence
from functools import cached_property

import numpy as np

from lab import losses, rng
from lab.blas import one_blas_thread
from lab.checks import check_choice, check_count, check_keep, check_labels, check_matrix
from lab.errors import SettingError, ShapeError, ShardError
from lab.layers import sigmoid, softmax
from lab.layers.batchnorm import EPSILON
from lab.models import nn4_reference
from lab.models.backend import BACKENDS, Shard, choose
from lab.params import Layout, sha256

MODES = ("train", "test")
DTYPES = ("float32", "float64")


class NN4:
    """A four-layer network whose parameters are one flat vector.

        z_i = W_i Dropout(y_(i-1)),  y_i = BatchNorm(ReLU(z_i); gamma_i, beta_i),   i = 1, 2, 3
        z_4 = W_4 Dropout(y_3),      y = sigmoid(z_4) for one output, softmax(z_4) for more

    Args:
        widths: inputs, three hidden widths, outputs (1: labels 0 or 1; C: labels 0 .. C - 1).
        keep: probability of keeping a unit, in (0, 1]; 1 switches dropout off.
        batchnorm: whether hidden layers are normalized.
        bias: add b_i to z_i; only where batchnorm is off, since beta is NN4's offset otherwise.
        seed: of initialization and masks, 0 .. 2^64 - 1.
        dtype: "float32" for speed, "float64" for checks.
        backend: "cpu" (numba) or "reference" (NumPy). gemm: the product's name, None for its default.

    Attributes:
        params: W, gamma, beta (and b) of all layers, flat; `views(params)["W1"]` names them.
        running: means and variances for test mode, flat; `running_views(running)["mean1"]`.
        step: rounds of training so far, by which every round has its own masks.
        running_rounds: those of them that `running` has seen; the first one was copied.

    Raises:
        KeepProbabilityError, SettingError, BackendError: a setting is not allowed; the message says what is.

    Weights start as normal numbers with variance 2 / d_in (He et al. 2015, eq. 10), gamma as 1, the rest as 0.
    """

    depth = 4

    def __init__(
        self,
        widths: Sequence[int] = (784, 512, 256, 128, 10),
        keep: float = 0.9,
        batchnorm: bool = True,
        bias: bool = False,
        seed: int = 0,
        dtype: str = "float32",
        backend: str = "cpu",
        gemm: str | None = None,
    ) -> None:
        self.widths = _check_widths(widths, self.depth)
        self.keep = check_keep(keep)
        self.bias = bool(bias)
        self.batchnorm = check_batchnorm(batchnorm, self.bias)
        self.seed = rng.check_seed(seed)
        self.dtype = np.dtype(check_choice("dtype", str(np.dtype(dtype)), DTYPES))
        self.eps = EPSILON
        self.use(check_choice("backend", backend, BACKENDS), gemm)
        self.params = self.layout.zeros(self.dtype)
        self.running = self.running_layout.zeros(self.dtype)
        self.step = 0
        self.running_rounds = 0
        self._passes = 0
        self._initialize()

    def use(self, backend: str, gemm: str | None = None) -> None:
        """Compute with another backend from now on; parameters stay."""
        self.backend = choose(backend, gemm)
        self._workspace = self.backend.workspace()

    # ---- the flat vectors and their names

    @property
    def outputs(self) -> int:
        """Width of the last layer: 1 for labels 0 and 1, else the number of classes."""
        return self.widths[-1]

    @property
    def classes(self) -> int:
        """Number of classes that the labels may name."""
        return max(self.outputs, 2)

    @cached_property
    def layout(self) -> Layout:
        """Names and shapes in `params` and in every gradient."""
        entries: list[tuple[str, tuple[int, ...]]] = []
        for i, (d_in, d_out) in enumerate(zip(self.widths, self.widths[1:], strict=False), start=1):
            entries.append((f"W{i}", (d_in, d_out)))
            if self.bias:
                entries.append((f"b{i}", (d_out,)))
            if i < self.depth:
                entries += [(f"gamma{i}", (d_out,)), (f"beta{i}", (d_out,))]
        return Layout(tuple(entries))

    @cached_property
    def running_layout(self) -> Layout:
        """Names and shapes in `running` and in the statistics of a pass."""
        hidden = enumerate(self.widths[1:-1], start=1)
        return Layout(tuple((f"{name}{i}", (d,)) for i, d in hidden for name in ("mean", "var")))

    def views(self, flat: np.ndarray) -> dict[str, np.ndarray]:
        """The parts of a parameter-like vector (parameters, a gradient) by name, without a copy."""
        return self.layout.views(flat)

    def running_views(self, flat: np.ndarray) -> dict[str, np.ndarray]:
        """The parts of a vector of statistics by name, without a copy."""
        return self.running_layout.views(flat)

    def sha256(self) -> str:
        """Hash of parameters and running statistics: the same string iff the nets are equal to the bit."""
        return sha256((self.params, self.running))

    # ---- what a net does

    def __call__(
        self, x: np.ndarray, mode: str = "test", step: int | None = None, rows: np.ndarray | None = None
    ) -> np.ndarray:
        """Probabilities of the classes, (N, C), or of label 1, (N, 1).

        In train mode every call draws new masks, unless `step` asks for those of a certain pass.

        Raises:
            SettingError: mode is neither "train" nor "test".
            ShapeError, NotFiniteError: x is not a finite (N, d_in).
        """
        x, rows = self._check_x(x, rows)
        if check_choice("mode", mode, MODES) == "test":
            z = self.backend.logits(self, x, self._workspace)
        else:
            z = self.backend.train_logits(self, x, self._next_pass() if step is None else step, rows, self._workspace)
        return (sigmoid(z) if self.outputs == 1 else softmax(z))[0]

    def loss_gradient(
        self, x: np.ndarray, y: np.ndarray, step: int = 0, rows: np.ndarray | None = None
    ) -> tuple[float, np.ndarray, np.ndarray]:
        """Mean cross-entropy of a batch in train mode, its gradient, and the batch statistics.

        Args:
            x: inputs, (N, d_in). y: labels, (N,).
            step, rows: the address of the masks; rows are the samples' rows in the data set (default 0 .. N - 1).

        Returns:
            loss; grad, flat in `layout`; stats, flat in `running_layout` (zeros where batchnorm is off).

        Raises:
            ShapeError, LabelError, NotFiniteError: x or y is not what is needed.
            ShardError: one row with batchnorm.
        """
        x, rows = self._check_x(x, rows)
        y = as_kernel_input(check_labels("y", y, len(x), self.classes), np.dtype(np.int64))
        if self.batchnorm and len(x) < 2:
            raise ShardError("x has 1 row, and batch normalization needs at least 2. Add rows, or set batchnorm off.")
        grad, stats = self.layout.zeros(self.dtype), self.running_layout.zeros(self.dtype)
        shard = Shard(x, y, np.arange(len(x)), rows, step)
        with one_blas_thread():
            work = self.backend.gradient(self, shard, self._workspace, grad, stats)
            while True:
                try:
                    next(work)
                except StopIteration as end:
                    return end.value, grad, stats

    def loss(self, x: np.ndarray, y: np.ndarray) -> float:
        """Mean cross-entropy in test mode. Raises as `loss_gradient`."""
        x, _ = self._check_x(x, None)
        y = check_labels("y", y, len(x), self.classes)
        return logits_loss(self.backend.logits(self, x, self._workspace), y)

    def trace(
        self, x: np.ndarray, mode: str = "test", step: int | None = None, rows: np.ndarray | None = None
    ) -> nn4_reference.Trace:
        """Every intermediate of a pass by name (`z1, relu1, y1, mask1, ...`), by the reference."""
        x, rows = self._check_x(x, rows)
        check_choice("mode", mode, MODES)
        step = self._next_pass() if step is None and mode == "train" else step
        return nn4_reference.forward(self, x, mode, step or 0, rows)

    # ---- inside

    def _initialize(self) -> None:
        p = self.views(self.params)
        for i, d_in in enumerate(self.widths[:-1], start=1):
            p[f"W{i}"][...] = rng.normals(self.seed, p[f"W{i}"].shape, i) * np.sqrt(2.0 / d_in)
            if i < self.depth:
                p[f"gamma{i}"][...] = 1
                self.running_views(self.running)[f"var{i}"][...] = 1

    def _check_x(self, x: np.ndarray, rows: np.ndarray | None) -> tuple[np.ndarray, np.ndarray]:
        x = as_kernel_input(check_matrix("x", x, self.widths[0]), self.dtype)
        if rows is None:
            return x, np.arange(len(x))
        rows = np.asarray(rows)
        if rows.shape != (len(x),) or rows.dtype.kind not in "iu" or (rows < 0).any() or (rows >= 2**32).any():
            raise ShapeError(
                f"rows has shape {rows.shape} and dtype {rows.dtype}, but ({len(x)},) whole numbers from 0 "
                "to 2^32 - 1 are needed: the row of every sample in its data set."
            )
        return x, as_kernel_input(rows, np.dtype(np.int64))

    def _next_pass(self) -> int:
        self._passes += 1
        return rng.FREE_PASSES + self._passes - 1


def logits_loss(z: np.ndarray, y: np.ndarray) -> float:
    """Mean cross-entropy of logits (N, C), sigmoid for one column and softmax for more."""
    return losses.binary_cross_entropy(z, y) if z.shape[1] == 1 else losses.softmax_cross_entropy(z, y)


def predicted(z: np.ndarray) -> np.ndarray:
    """The label that the logits favour, (N,): the largest, or 1 iff a single one is above 0."""
    return (z[:, 0] > 0).astype(np.int64) if z.shape[1] == 1 else z.argmax(axis=1)


def as_kernel_input(x: np.ndarray, dtype: np.dtype) -> np.ndarray:
    """The array in a net's dtype, C order and writable, copied only where it is not.

    Numba would compile the kernels anew (seconds) for an array that may not be written.
    """
    return np.require(x, dtype, ["C_CONTIGUOUS", "WRITEABLE"])


def check_batchnorm(batchnorm: bool, bias: bool) -> bool:
    """Return `batchnorm`, or raise `SettingError` where a bias stands in its way."""
    if batchnorm and bias:
        raise SettingError(
            "bias = True and batchnorm = True exclude each other: beta is NN4's only offset, and the mean that "
            "batchnorm subtracts would cancel a bias anyway. Set one of them to False."
        )
    return bool(batchnorm)


def _check_widths(widths: Sequence[int], depth: int) -> tuple[int, ...]:
    listed = tuple(widths) if not isinstance(widths, (str, int)) else ()
    if len(listed) != depth + 1:
        raise SettingError(
            f"widths = {widths!r} does not describe {depth} layers. Give {depth + 1} numbers: inputs, "
            "three hidden widths, outputs; for example (784, 512, 256, 128, 10)."
        )
    return tuple(check_count(f"widths[{i}]", width, high=2**20) for i, width in enumerate(listed))
