"""What may be read about AI requests, always within one business."""

from uuid import UUID

from django.db.models import Q

from ai_features.models import AIRequest
from config.core.errors import NotFound


def get_request(
    *, request_id: UUID, business_id: UUID, membership_id: int, features: frozenset[str]
) -> AIRequest:
    """One's own request, or a colleague's when one's role may use that feature.

    Raises NotFound for everything else, another business's request included.
    """
    visible = Q(membership_id=membership_id) | Q(feature__in=features)
    found = AIRequest.objects.filter(visible, pk=request_id, business_id=business_id).first()
    if found is None:
        raise NotFound
    return found
