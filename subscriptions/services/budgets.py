"""Owners' monthly budgets: made, changed, removed, and told of as they fill. The ledger takes and books them."""

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from django.db import IntegrityError, OperationalError, connection, transaction
from django.db.models import Case, F, QuerySet, Sum, Value, When

from accounts.models import Membership
from config.core import money
from config.core.errors import Busy, NotFound
from subscriptions.errors import BudgetExists
from subscriptions.models import (
    AITransaction,
    Budget,
    BudgetCounter,
    BudgetUnit,
    BusinessAICredits,
    CreditHold,
)
from subscriptions.selectors import budgets, catalogue
from subscriptions.services import alerts, locks
