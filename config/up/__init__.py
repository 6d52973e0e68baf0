"""What `manage.py up` is made of: one instance per checkout, free ports, and processes that end in order."""


class CannotRun(Exception):
    """The text says what is in the way, and what to do."""
