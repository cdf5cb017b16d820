"""Least squares with dropout: closed forms, expected loss, and descent on it."""
