"""The lab's own exceptions: each says what was given, what is allowed, and what to do.

A dashboard shows the sentence in its status line, the command line prints it and exits with 2, so
every message has to stand alone. Errors about a value are also `ValueError`s: who knows Python but
not the lab can catch them too.
"""


class LabError(Exception):
    """Root of all errors that a learner can act on."""


class SettingError(LabError, ValueError):
    """A setting is outside its range, or two settings contradict each other."""


class KeepProbabilityError(SettingError):
    """The probability of keeping a unit is not in (0, 1]."""


class StepSizeError(SettingError):
    """The step size delta is not a finite number above 0."""


class ShardError(SettingError):
    """K shards cannot be made of the samples of a round."""


class ShapeError(LabError, ValueError):
    """Arrays whose shapes do not fit each other."""


class LabelError(LabError, ValueError):
    """Labels outside 0 .. classes - 1, or not whole numbers."""


class NotFiniteError(LabError, ArithmeticError):
    """NaN or infinity in the data, in a loss or in a gradient."""


class DataError(LabError):
    """A data set that cannot be read: missing, truncated, or something else under its name."""


class DataMissingError(DataError):
    """The data set is neither in a named folder, nor in the cache, nor can it be downloaded."""


class CheckpointError(LabError):
    """A checkpoint that cannot be written, read, or continued with the settings given."""


class BackendError(LabError):
    """A backend, GEMM or kind of workers that is unknown or cannot run here."""


class ReportError(LabError):
    """The report cannot be written where it was asked for."""
