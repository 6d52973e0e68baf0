"""Values that the parts of the chat hand to each other."""

from dataclasses import dataclass
from uuid import UUID

ASSISTANTS = ("executive", "inventory", "sales", "credit_and_collections", "marketing")
DEFAULT_ASSISTANT = "executive"


@dataclass(frozen=True, kw_only=True)
class Asker:
    """Who asks: a member of a business, or a guest. `assistants` are those that the role may use."""

    business_id: UUID | None = None
    membership_id: int | None = None
    user_id: int | None = None
    role: str = "guest"
    role_name: str = "Guest"
    guidance: str = ""
    assistants: frozenset[str] = frozenset()
    guest_id: UUID | None = None
    names: tuple[str, ...] = ()  # of the member and the business: they do not leave

    @property
    def key(self) -> str:
        """Whose Idempotency-Keys and cached lists these are."""
        return f"guest:{self.guest_id.hex}" if self.guest_id else f"member:{self.membership_id}"


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What a licence (or being a guest) allows. `per_day` of a guest counts the last 24 hours."""

    plan: str
    per_day: int
    per_hour: int | None
    per_conversation: int
    open_conversations: int
    assistants: frozenset[str]
    uploads: bool = False
    streaming: bool = False
    priority: bool = False
    integrations: bool = False
