"""The first dashboard moved and read: its net, its mask, its titles and its marks."""


def move(board, **values):
    for name, value in values.items():
        board.controls[name].value = value


def net_of(board):
    return board.session.run.run.net


def mask(board):
    ((_, _, z),) = board.session.memories["mask"].arrays()
    return z.astype(bool)


def text(board, panel):
    return board.session.memories[panel].text


def marks(board):
    return [words for _, words in board.session.memories["loss"].marks]
