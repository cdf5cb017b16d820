"""Softmax and cross-entropy: stable and not, their gradient, smoothed labels."""
