"""The boards of page 07, speed."""
