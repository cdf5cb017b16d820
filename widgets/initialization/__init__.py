"""The boards of page 11, initialization."""
