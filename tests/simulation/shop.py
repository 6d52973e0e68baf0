"""A shop of the town, and what its people remember."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from accounts.models import Membership
from payments.models import Refund, SavedCard
from subscriptions.models import AICreditPurchase
from subscriptions.types import Hold

from .gateway import News, Till


@dataclass
class Shop:
    """Rows are found again by their place in these lists, which is the same in every run."""

    number: int
    member: Membership
    open_payments: list[tuple[str, str]] = field(default_factory=list)  # reference, way
    purchases: list[AICreditPurchase] = field(default_factory=list)
    refunds: list[Refund] = field(default_factory=list)
    disputes: list[str] = field(default_factory=list)
    disputed: set[str] = field(default_factory=set)
    crashed: list[Hold] = field(default_factory=list)
    late_news: News = field(default_factory=list)
    card: str = "success"  # what a charge of its saved card comes to

    @property
    def buyer(self) -> dict[str, Any]:
        return {
            "business_id": self.member.business_id,
            "user_id": self.member.user_id,
            "email": self.member.user.email,
        }

    def way_to_pay(self, way: str) -> dict[str, Any] | None:
        """As `payments.open_payment` takes it; None without a card."""
        if way == "phone":
            return {"method": "MOMO", "phone": f"055{self.number:07}", "network": "mtn"}
        if way == "page":
            return {"method": "MOMO"}
        if way == "new_card":
            return {"method": "PAYSTACK", "save_card": True}
        card = SavedCard.objects.filter(business_id=self.member.business_id, removed_at=None).first()
        return {"method": "PAYSTACK", "card_id": card.pk} if card else None


class Town(Protocol):
    """What a deed needs of it."""

    till: Till
    worker_is_out: bool

    def hear(self, news: News, now: datetime) -> None: ...

    def spread(self, shop: Shop, reference: str, how: str, now: datetime) -> None: ...


Deed = Callable[..., str]
