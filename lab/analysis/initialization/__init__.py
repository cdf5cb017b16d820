"""Initialization: how the size of activations and gradients goes through a deep network."""
