"""What goes into a conversation with a model that the house pays, and what comes out of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID


@dataclass(frozen=True, kw_only=True)
class Talk:
    """What is asked, and for whom. `business_id` None: a guest, of whom nothing is stored here.

    `untrusted` names the fields of `data` that may hold orders to the model. `names` become tokens on the way
    out and names again in the answer. The schema's field `answer` is the text that is read while it comes.
    """

    feature: str
    version: str
    instructions: str
    data: Mapping[str, Any]
    schema: Mapping[str, Any]
    untrusted: Sequence[str] = ()
    names: Sequence[str] = ()
    business_id: UUID | None = None
    membership_id: int | None = None
    user_id: int | None = None
    asker: str = ""


@dataclass(frozen=True)
class Delta:
    """A checked piece of the answer."""

    text: str


@dataclass(frozen=True)
class Restart:
    """Another model begins again: what was shown so far does not count."""


@dataclass(frozen=True, kw_only=True)
class Reply:
    """The whole answer, after its last piece. `fields`: the others of the schema; invented figures out."""

    request_id: UUID
    answer: str
    fields: dict[str, Any]
    left_out: list[str]
    model: str
    cost_usd: Decimal
