"""Names of time zones. The standard library reads every file of its database to list them: 20 to 80 ms."""

from functools import cache
from zoneinfo import available_timezones

_names = cache(available_timezones)


def is_known(name: str) -> bool:
    return name in _names()
