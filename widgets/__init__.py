"""The lab's live views: dashboards that show a run while it trains, and the controls that move it.

Views know the lab by its public face (`import lab`) and never reach into kernels, layers or workers.
`import ipywidgets as ipw` in here: the bare name `widgets` is this package.
"""

__all__ = ()
