"""The boards of page 13, what a network costs."""
