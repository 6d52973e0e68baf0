"""Who may act for which business: the header, the only one, several, another's, an inactive one."""

import uuid

from rest_framework.response import Response
from rest_framework.test import APIRequestFactory

from accounts.access import BusinessView
from tests.factories import access_token, make_business


class Probe(BusinessView):
    capabilities = {"POST": "buy"}

    def get(self, request):
        return Response({"business": self.business.pk, "role": self.membership.role})

    post = get


def ask(membership, *, method="get", business=None, token=None):
    headers = {"Authorization": f"Bearer {token or access_token(membership.user)}"}
    if business is not None:
        headers["X-Business-ID"] = str(business)
    request = getattr(APIRequestFactory(), method)("/api/probe/", headers=headers)
    return Probe.as_view()(request)


def test_the_only_business_needs_no_header():
    ama = make_business()

    response = ask(ama)

    assert response.status_code == 200
    assert response.data == {"business": ama.business_id, "role": "owner"}


def test_another_business_looks_exactly_like_an_unknown_one():
    ama, kofi = make_business(), make_business(name="Kofi Mart")

    foreign = ask(ama, business=kofi.business_id)
    unknown = ask(ama, business=uuid.uuid4())
    garbage = ask(ama, business="me")

    assert foreign.status_code == unknown.status_code == garbage.status_code == 404
    assert foreign.data == unknown.data == garbage.data == {"code": "not_found", "detail": "Not found."}
