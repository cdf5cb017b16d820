"""The boards of page 10, dropout as regularized least squares."""
