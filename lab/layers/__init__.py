"""The layers a student reads: `forward -> (y, cache)` with its gradient right below, in plain NumPy.

They are the reference of every operation: whatever a backend does faster is tested against them.
"""

from lab.layers.activations import relu, relu_grad, sigmoid, sigmoid_grad, softmax, softmax_grad, tanh, tanh_grad
from lab.layers.batchnorm import batchnorm, batchnorm_grad, batchnorm_test
from lab.layers.dropout import dropout, dropout_grad
from lab.layers.linear import linear, linear_grad

__all__ = [
    "batchnorm", "batchnorm_grad", "batchnorm_test", "dropout", "dropout_grad", "linear", "linear_grad",
    "relu", "relu_grad", "sigmoid", "sigmoid_grad", "softmax", "softmax_grad", "tanh", "tanh_grad",
]  # fmt: skip
