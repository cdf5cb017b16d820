"""NN4's training pass in numba: fused around the matrix products, without the GIL, on flat vectors."""
