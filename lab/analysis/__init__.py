"""What a layer or a network does, measured: a package for each page, as `lab.analysis.dropout`.

Each study is an iterator of frozen events that does at most some 30 ms of work for one, as a training run does, so
that a dashboard can pull it; what it was told to change (`change`) acts on the next event.
"""
