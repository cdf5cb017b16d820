"""What a page asks and offers around a board: questions, experiments, legend, what is folded away, pictures kept."""
