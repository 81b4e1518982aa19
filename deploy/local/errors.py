"""The one error of this package: its message is the line that a person reads."""


class LocalError(Exception):
    """Something that a person can put right. The message is one line and says what to do."""
