"""The one kind of error that this package raises: a line that says what, where and what next."""


class QpoeError(Exception):
    pass
