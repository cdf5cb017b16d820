"""The boards of page 02, batch normalization."""
