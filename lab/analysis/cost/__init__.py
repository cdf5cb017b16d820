"""What a network costs: sizes, parameters, multiplications, memory, from a description of its layers."""
