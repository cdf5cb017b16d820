"""Optimizers: layers compute gradients, optimizers apply them, and workers stand in the gap between."""
