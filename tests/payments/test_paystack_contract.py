"""Our client and sandbox against Paystack's own published contract, where a copy lies beside the project."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import requests
import yaml
from django.test import Client
from django.utils import timezone

from accounts.models import Business
from payments.models import WebhookEvent
from payments.providers.base import GatewayState
from payments.providers.paystack import Paystack
from payments.services import payments, webhooks
from tests.sandboxes import PaystackSandbox

from .conftest import open_payment
from .test_webhooks import deliver

CONTRACT = Path(__file__).resolve().parents[3] / "shared" / "contracts" / "paystack"
pytestmark = pytest.mark.skipif(
    not CONTRACT.is_dir(), reason="no copy of Paystack's contract in ../shared/contracts/paystack"
)
SAMPLES = sorted(path.name for path in (CONTRACT / "webhooks").glob("*.json"))
KEY = {"Authorization": "Bearer sk_test_anything"}


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.load((CONTRACT / "openapi.yaml").read_text(), yaml.CSafeLoader)
    return loaded


def check(document: dict[str, Any], name: str, value: Any) -> None:
    schema = {**document["components"]["schemas"][name], "components": document["components"]}
    jsonschema.validate(value, _nullable(schema))


def _nullable(node: Any) -> Any:
    """OpenAPI 3.0's `nullable` in JSON Schema's words."""
    if isinstance(node, list):
        return [_nullable(one) for one in node]
    if not isinstance(node, dict):
        return node
    inner = {key: _nullable(value) for key, value in node.items() if key != "nullable"}
    return {"anyOf": [inner, {"type": "null"}]} if node.get("nullable") is True else inner


@pytest.mark.parametrize("method", ["PAYSTACK", "MOMO"])
def test_initialize_request_and_answer(
    document: dict[str, Any], sandbox: PaystackSandbox, business: Business, method: str
) -> None:
    payment = open_payment(business, "19.99", method=method)
    payments.start_checkout(payment_id=payment.pk, now=timezone.now())
    sent = sandbox.requests()[0]["body"]
    check(document, "TransactionInitialize", sent)
    url = f"{sandbox.url}/transaction/initialize"
    answer = requests.post(
        url, json={**sent, "reference": f"{payment.reference}.2"}, headers=KEY, timeout=5
    ).json()
    check(document, "TransactionInitializeResponse", answer)


@pytest.mark.parametrize("channel", ["card", None])
def test_verify_answer(document: dict[str, Any], sandbox: PaystackSandbox, channel: str | None) -> None:
    order = {"email": "ama@example.com", "amount": 5000, "metadata": {"a": 1}}
    url = f"{sandbox.url}/transaction/initialize"
    reference = requests.post(url, json=order, headers=KEY, timeout=5).json()["data"]["reference"]
    if channel:
        sandbox.pay(reference, channel=channel)
    answer = requests.get(f"{sandbox.url}/transaction/verify/{reference}", headers=KEY, timeout=5).json()
    answer["data"].pop("plan_object")  # the document's own rule for it can't be met by its own sample
    schema = json.loads(json.dumps(document["components"]["schemas"]["VerifyResponse"]))
    data = schema["properties"]["data"]
    data["required"].remove("plan_object")
    jsonschema.validate(answer, _nullable({**schema, "components": document["components"]}))


def test_official_sample_of_verify_is_read() -> None:
    sample = json.loads((CONTRACT / "responses" / "transactions.verify.json").read_text())["200"]["data"]
    report = _read(sample)
    assert (report.state, report.reference, report.domain) == (GatewayState.PAID, "re4lyvq3s3", "test")
    assert (str(report.paid_ghs), str(report.requested_ghs)) == ("403.33", "300.50")
    assert (report.transaction_id, report.currency) == ("4099260516", "NGN")


def _read(sample: dict[str, Any]) -> Any:
    from config.core.loopback import App, Server, json_response

    app = App()
    app.get("/transaction/verify/{reference}")(lambda request: json_response(sample))
    with Server({"/paystack": app}) as server:
        client = Paystack(base_url=f"{server.url}/paystack", secret_key="sk_test_x")
        return client.verify(reference="any")


@pytest.mark.django_db
@pytest.mark.parametrize("name", SAMPLES)
def test_official_webhook_sample_is_kept_and_credits_nothing(
    client: Client, sandbox: PaystackSandbox, name: str
) -> None:
    body = (CONTRACT / "webhooks" / name).read_bytes()
    assert deliver(client, body).status_code == 200
    event = webhooks.process(event_id=WebhookEvent.objects.get().pk, now=timezone.now())
    assert event.event == json.loads(body)["event"]
    is_about_a_payment = name.startswith(("charge.", "refund."))
    assert event.outcome == ("unknown_reference" if is_about_a_payment else "kept")
