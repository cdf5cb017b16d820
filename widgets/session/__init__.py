"""One run, the moves that change it and the commands that begin it anew, without a browser."""
