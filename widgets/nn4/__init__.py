"""The boards of pages 03 and 05, NN4 from the inside and in training."""
