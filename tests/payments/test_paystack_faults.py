"""Every fault a line can have, for every call: what is raised, and how often it was asked."""

import logging
from collections.abc import Iterator

import pytest

from config.core.errors import DomainError
from config.core.http import OutcomeUnknown
from config.core.loopback import Response, json_response
from payments.errors import CardUnusable, GatewayUnavailable, PaymentRejected
from payments.providers.base import DuplicateReference, GatewayState
from payments.providers.paystack import Paystack

from .paystack_line import CALLS, CARD_CODE, KEY, OTP, READS, WRITES, Answer, Line, drip, drop, hang, refusing

UNAVAILABLE, UNKNOWN, REJECTED = GatewayUnavailable, OutcomeUnknown, PaymentRejected
WAIT = {"x-ratelimit-reset": "41"}

# Name → the answer, what it makes of a write (sent once), what of a read, and how often a read is sent.
FAULTS: dict[str, tuple[Answer, type[Exception], type[Exception], int]] = {
    "302": (lambda _: Response(b"", 302, {"Location": "http://127.0.0.1:1/"}), UNAVAILABLE, UNAVAILABLE, 1),
    "400": (refusing(400, "Something is wrong"), REJECTED, UNAVAILABLE, 1),
    "400 key": (refusing(400, "Invalid key"), UNAVAILABLE, UNAVAILABLE, 1),
    "400 rate": (refusing(400, "Rate limit exceeded!", "rate_limited", WAIT), UNAVAILABLE, UNAVAILABLE, 1),
    "400 silent": (lambda _: Response(b"<html>", 400), UNAVAILABLE, UNAVAILABLE, 1),
    "401": (refusing(401, "Invalid key"), UNAVAILABLE, UNAVAILABLE, 1),
    "403": (refusing(403, "Not permitted"), UNAVAILABLE, UNAVAILABLE, 1),
    "404": (refusing(404, "No such thing"), REJECTED, UNAVAILABLE, 1),
    "404 page": (lambda _: Response(b"<html>", 404), UNAVAILABLE, UNAVAILABLE, 1),
    "422": (refusing(422, "Wrong state"), REJECTED, UNAVAILABLE, 1),
    "429": (refusing(429, "Rate limit exceeded!", "rate_limited", WAIT), UNAVAILABLE, UNAVAILABLE, 1),
    "429 now": (refusing(429, "Rate", "", {"x-ratelimit-reset": "0"}), UNAVAILABLE, UNAVAILABLE, 3),
    "500": (refusing(500, "An error occurred"), UNKNOWN, UNAVAILABLE, 3),
    "502": (lambda _: Response(b"<html>", 502), UNKNOWN, UNAVAILABLE, 3),
    "503 later": (lambda _: Response(b"", 503, {"Retry-After": "41"}), UNKNOWN, UNAVAILABLE, 1),
    "timeout": (hang, UNKNOWN, UNAVAILABLE, 3),
    "drop": (drop, UNKNOWN, UNAVAILABLE, 3),
    "drip": (drip, UNKNOWN, UNAVAILABLE, 3),
    "garbage": (lambda _: Response(b"<html>ok</html>"), UNKNOWN, UNAVAILABLE, 1),
    "no success": (refusing(200, "Not now"), UNKNOWN, UNAVAILABLE, 1),
    "other shape": (lambda _: json_response([1]), UNKNOWN, UNAVAILABLE, 1),
    "huge": (lambda _: Response(b" " * 5_100_000), UNKNOWN, UNAVAILABLE, 3),
}
# What is known better than the table says.
NOT_FOUND = {("verify", "404"), ("check_charge", "404")}
INSTEAD: dict[tuple[str, str], type[Exception]] = {
    # A page that could not be read takes no money.
    **{("initialize", fault): UNAVAILABLE for fault in ("garbage", "no success", "other shape")},
    # A card that may still be charged is still to be forgotten.
    **{("forget_card", fault): UNAVAILABLE for fault in ("400", "404", "422")},
    **{("forget_card", fault): UNAVAILABLE for fault in ("garbage", "no success", "other shape")},
    # Its first half asks for a place; the words are for the person who chose the file.
    **{("upload", fault): REJECTED for fault in ("400", "404", "422")},
}


LATE = {"timeout", "drip"}


@pytest.fixture
def gateway(paystack: Paystack, line: Line, request: pytest.FixtureRequest) -> Iterator[Paystack]:
    """One that soon gives up, for those that are late; nothing else should depend on the machine's pace."""
    if request.getfixturevalue("fault") not in LATE:
        yield paystack
        return
    hasty = Paystack(base_url=line.url, secret_key=KEY, read_seconds=0.4)
    yield hasty
    hasty.close()


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("name", WRITES)
def test_write_is_sent_once(line: Line, gateway: Paystack, name: str, fault: str) -> None:
    answer, expected, _, _ = FAULTS[fault]
    line.answer = answer
    with pytest.raises(INSTEAD.get((name, fault), expected)) as refused:
        CALLS[name][0](gateway)
    assert len(line.asked) == 1
    _check_wait(refused.value, fault)


# These take as long as they do because reads are repeated, in one place for all of them.
SLOW = {*LATE, "drop", "502", "huge"}
READ_FAULTS = [
    (name, fault) for name in READS for fault in FAULTS if fault not in SLOW or name in ("verify", "upload")
]


@pytest.mark.parametrize(("name", "fault"), READ_FAULTS)
def test_read_is_repeated_where_that_helps(line: Line, gateway: Paystack, name: str, fault: str) -> None:
    answer, _, expected, times = FAULTS[fault]
    line.answer = answer
    if (name, fault) in NOT_FOUND:
        assert CALLS[name][0](gateway).state is GatewayState.NOT_FOUND
    else:
        with pytest.raises(INSTEAD.get((name, fault), expected)) as refused:
            CALLS[name][0](gateway)
        _check_wait(refused.value, fault)
    assert len(line.asked) == times


def _check_wait(error: BaseException, fault: str) -> None:
    told = {"400 rate": 41, "429": 41, "429 now": 1, "503 later": 41}.get(fault)
    if isinstance(error, GatewayUnavailable):
        assert error.data == ({} if told is None else {"retry_after": told})


@pytest.mark.parametrize("name", ["initialize", "charge_mobile_money", "charge_card"])
@pytest.mark.parametrize(
    ("message", "code"),
    [
        ("Duplicate Transaction Reference", "duplicate_reference"),
        ("Duplicate charge request for reference", ""),
    ],
)
def test_reference_used_before(line: Line, paystack: Paystack, name: str, message: str, code: str) -> None:
    line.answer = refusing(400, message, code)
    with pytest.raises(DuplicateReference):
        CALLS[name][0](paystack)


def test_rate_limit_without_a_time_is_a_minute(line: Line, paystack: Paystack) -> None:
    line.answer = refusing(429, "Rate limit exceeded!")
    with pytest.raises(GatewayUnavailable) as refused:
        CALLS["refund"][0](paystack)
    assert refused.value.data == {"retry_after": 60}


@pytest.mark.parametrize(
    "message",
    [
        "This authorization is not reusable",
        "Authorization code does not exist or has been deactivated",
        "Email does not match Authorization code. Authorization may be inactive or belong to a different"
        " email.",
    ],
)
@pytest.mark.parametrize("status", [400, 404])
def test_card_that_cannot_be_charged(line: Line, paystack: Paystack, message: str, status: int) -> None:
    line.answer = refusing(status, message)
    with pytest.raises(CardUnusable):
        CALLS["charge_card"][0](paystack)


def test_missing_key_is_not_the_cards_fault(line: Line, paystack: Paystack) -> None:
    line.answer = refusing(400, "No Authorization Header was found")
    with pytest.raises(GatewayUnavailable):
        CALLS["charge_card"][0](paystack)


@pytest.mark.parametrize("status", [400, 404])
@pytest.mark.parametrize(
    "message", ["Authorization code does not exist or has been deactivated", "Authorization not found"]
)
def test_card_that_is_not_known_is_forgotten(
    line: Line, paystack: Paystack, status: int, message: str
) -> None:
    line.answer = refusing(status, message)
    paystack.forget_card(card_code=CARD_CODE)
    assert len(line.asked) == 1


@pytest.mark.parametrize("fault", [*FAULTS, "echo"])
@pytest.mark.parametrize("name", ["submit_otp", "charge_card", "forget_card", "retry_refund"])
def test_secrets_stay_out_of_errors_and_logs(
    line: Line,
    paystack: Paystack,
    name: str,
    fault: str,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    caplog.set_level(logging.DEBUG)
    words = f"This is not it: {OTP} {CARD_CODE} 0011223344"
    line.answer = refusing(400, words) if fault == "echo" else FAULTS[fault][0]
    secret = {"submit_otp": OTP, "retry_refund": "0011223344"}.get(name, CARD_CODE)
    with pytest.raises(DomainError) as refused:
        CALLS[name][0](paystack)
    error: BaseException | None = refused.value
    told = caplog.text + "".join(capfd.readouterr())
    while error is not None:
        told += f"{error!r} {error} {error.__dict__}"
        request = getattr(error, "request", None)
        assert request is None
        error = error.__cause__ or error.__context__
    assert secret not in told
    assert KEY not in told
