"""Central differences, and how two gradients are compared: norm of the difference over norm."""

import numpy as np


def central_differences(function, x, h=1e-6):
    """Gradient of a scalar function, (f(x + h) - f(x - h)) / 2h for every entry of x (changed, then restored)."""
    grad = np.empty_like(x)
    for place in np.ndindex(x.shape):
        value = x[place]
        x[place] = value + h
        above = function()
        x[place] = value - h
        below = function()
        x[place] = value
        grad[place] = (above - below) / (2 * h)
    return grad


def distance(a, b):
    """||a - b|| / max(||a||, ||b||), 0 where both are zero."""
    scale = max(np.linalg.norm(a), np.linalg.norm(b))
    return float(np.linalg.norm(a - b) / scale) if scale else 0.0
