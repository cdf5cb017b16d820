"""The boards of page 01, dropout."""
