"""The one package that writes credits.

Every function is safe to repeat: its entry has a unique key made from the cause, and a second call finds what
the first one did. The account's row lock makes all changes of one business serial.
"""

from .arming import rearm
from .deductions import deduct
from .grants import expire, grant, reverse
from .hot_path import capture, hold, release
from .money_back import set_frozen, set_taken_back, withdraw
from .roll_over import roll_over

__all__ = [
    "capture",
    "deduct",
    "expire",
    "grant",
    "hold",
    "rearm",
    "release",
    "reverse",
    "roll_over",
    "set_frozen",
    "set_taken_back",
    "withdraw",
]
