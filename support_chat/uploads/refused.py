class Refused(Exception):
    """Why a file is not taken: `broken`, `encrypted`, `active`, `too_long`, `too_large` or `too_heavy`."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)
