"""The books prove themselves: each of these queries must return nothing. Numbers as in the billing rules."""

from .books import BOOKS
from .limits import LIMITS
from .plans import PLANS
from .sales import SALES

INVARIANTS = [*BOOKS, *SALES, *LIMITS, *PLANS]
