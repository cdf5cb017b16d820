"""The boards of page 12, softmax and cross-entropy."""
