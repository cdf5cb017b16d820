"""Fast versions of the layers for one kind of machine each; `lab.layers` is the reference of them all."""
