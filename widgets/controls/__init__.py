"""Controls made from a frozen spec, and the state of a dashboard as a short text."""
