"""Paystack's test cards, and what each of them does."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True)
class Card:
    """`asks`: what its page wants to be told, with the right answer. `refusal`: why it never pays."""

    number: str
    effect: str
    brand: str = "visa"
    asks: tuple[tuple[str, str], ...] = ()
    asks_bank: bool = False
    refusal: str = ""
    reusable: bool = False
    refunds_end: str = ""

    @property
    def spaced(self) -> str:
        return " ".join(self.number[index : index + 4] for index in range(0, len(self.number), 4))


_PIN, _OTP = "PIN", "OTP"
_ALL = (
    Card("4084084084084081", "Approved, can be charged again", reusable=True),
    Card(
        "5192602720584796", "The bank asks first, can be charged again", "mastercard", (), True, reusable=True
    ),
    Card("507850785078507812", "Asks for a PIN", "verve", ((_PIN, "1111"),)),
    Card("5060666666666666666", "Asks for a PIN and a code", "verve", ((_PIN, "1234"), (_OTP, "123456"))),
    Card(
        "507850785078507804",
        "Asks for a PIN, a phone and a code",
        "verve",
        ((_PIN, "0000"), ("Phone number", "0551234987"), (_OTP, "123456")),
    ),
    Card("4084080000005408", "Declined", refusal="Declined"),
    Card("4084080000670037", "Insufficient funds", refusal="Insufficient Funds"),
    Card("507850785078507853", "No token", "verve", ((_PIN, "0000"),), refusal="Token Not Generated"),
    Card("4084080000671803", "Approved, a refund fails", refunds_end="failed"),
    Card("4084080000671902", "Approved, a refund needs attention", refunds_end="needs-attention"),
)
CARDS: Mapping[str, Card] = MappingProxyType({one.number: one for one in _ALL})
FIRST = _ALL[0]
