"""Personal data and secrets out, shop data in: a labelled corpus, tricks, and time."""

import time
from decimal import Decimal

import pytest

from ai_features.privacy.sanitise import keyed_hash, restore_tree, sanitise, sanitise_tree

FOUND = [
    ("Call Ama on 0244123456", "Call Ama on [PHONE]"),
    ("Call 024 412 3456 now", "Call [PHONE] now"),
    ("Call 024-412-3456 now", "Call [PHONE] now"),
    ("call 024.412.3456.", "call [PHONE]."),
    ("+233244123456", "[PHONE]"),
    ("+233 24 412 3456 and more", "[PHONE] and more"),
    ("+233 (0) 24 412 3456", "[PHONE]"),
    ("(024) 412-3456", "[PHONE]"),
    ("233244123456", "[PHONE]"),
    ("00233244123456", "[PHONE]"),
    ("0 2 4 4 1 2 3 4 5 6", "[PHONE]"),
    ("0302 123 456", "[PHONE]"),
    ("0244123456/0201234567", "[PHONE]/[PHONE]"),
    ("0244123456 0551234987", "[PHONE] [PHONE]"),
    ("MoMo0551234987", "MoMo[PHONE]"),
    ("WhatsApp: 244123456", "WhatsApp: [PHONE]"),
    ("+44 20 7946 0958", "[PHONE]"),
    ("+1 415 555 2671", "[PHONE]"),
    ("ama.mensah@gmail.com", "[EMAIL]"),
    ("Mail: AMA+shop@Sub.Example.co.uk!", "Mail: [EMAIL]!"),
    ("ama (at) gmail (dot) com", "[EMAIL]"),
    ("ama[at]gmail.com", "[EMAIL]"),
    ("ama at gmail dot com", "[EMAIL]"),
    ("GHA-123456789-0", "[ID]"),
    ("gha 123456789 0", "[ID]"),
    ("GHA1234567890", "[ID]"),
    ("TIN P0012345678", "TIN [ID]"),
    ("Passport no. G1234567", "Passport no. [ID]"),
    ("voter id 1234567890", "voter id [ID]"),
    ("SSNIT C018507890123", "SSNIT [SSN]"),
    ("C018507890123", "[SSN]"),
    ("123-45-6789", "[SSN]"),
    ("4111 1111 1111 1111", "[CARD]"),
    ("4111-1111-1111-1111 exp 12/27", "[CARD] exp 12/27"),
    ("5555555555554444", "[CARD]"),
    ("378282246310005", "[CARD]"),
    ("GB82 WEST 1234 5698 7654 32", "[REDACTED]"),
    ("DE89370400440532013000", "[REDACTED]"),
    ("account number 0123456789012", "account number [REDACTED]"),
    ("Acc no: 1441000123456", "Acc no: [REDACTED]"),
    ("password: hunter2", "password: [REDACTED]"),
    ("my password is hunter2.", "my password is [REDACTED]"),
    ("pwd=swordfish", "pwd=[REDACTED]"),
    ("PIN: 4821", "PIN: [REDACTED]"),
    ("his pin is 4821", "his pin is [REDACTED]"),
    ("OTP 553920", "OTP [REDACTED]"),
    ("client_secret=ab12cd34ef", "client_secret=[REDACTED]"),
    ("postgres://shop:pa55@db/x", "postgres://shop:[REDACTED]@db/x"),
    ("sk-proj-abcdEFGH1234abcdEFGH", "[API_KEY]"),
    ("key sk-ant-api03-abcdefgh12345678", "key [API_KEY]"),
    ("sk_live_" + "abcdefghij123456", "[API_KEY]"),
    ("sika_live_abcdefghij123456", "[API_KEY]"),
    ("AKIAIOSFODNN7EXAMPLE", "[API_KEY]"),
    ("ghp_abcdefghijklmnopqrstuvwxyz0123456789", "[API_KEY]"),
    ("xoxb-123456789012-abcdefghij", "[API_KEY]"),
    ("AIzaSyA1234567890abcdefghijklmnopqrstu", "[API_KEY]"),
    ("token eyJhbGciOi.eyJzdWIiOi.c2lnbmF0dXJl", "token [API_KEY]"),
    ("-----BEGIN RSA PRIVATE KEY-----\nMIIEow\n-----END RSA PRIVATE KEY-----", "[API_KEY]"),
]
TRICKS = [
    "\uff10\uff12\uff14\uff14\uff11\uff12\uff13\uff14\uff15\uff16",  # full width
    "0\u200b2\u200b4\u200b4123456",  # zero-width spaces
    "\u0660\u0662\u0664\u0664\u0661\u0662\u0663\u0664\u0665\u0666",  # Arabic-Indic digits
    "024\u2011412\u20133456",  # other dashes
    "\u202a0244123456\u202c",  # direction marks
]
KEPT = [
    "Samsung Galaxy A54 128GB 5000mAh, released 2024-01-15",
    "Barcode 6033000123456",
    "EAN 5901234123457",
    "GHS 1,250.00 for 12 pieces of 500 g",
    "3 pin 13A plug, 230V 50Hz",
    "Rolling pin: wooden",
    "Password required for the safe? No, a key.",
    "The secret: 7 herbs",
    "10 20 30 40 50 60 70 80",
    "Model SM-A546E/DS, 6.4 inch, 1080 x 2340",
    "Sizes 38-39-40-41-42",
    "Order 100000 to 250000 units",
    "2 x 4 m, 1.5 mm, 0.75 kg",
    "Kente cloth, ɛyɛ fɛ paa, ŋutɔ",
    "Email marketing book",
    "Visa accepted @ our shop",
    "ISO 9001:2015, IP68, HDMI 2.1",
    "Tin of milk 170g",
    "Call center headset",
    "Vitamin C 1000 mg, 30 tablets",
]


@pytest.mark.parametrize(("text", "clean"), FOUND)
def test_what_must_go_goes(text, clean):
    assert sanitise(text) == (clean, {})


@pytest.mark.parametrize("text", TRICKS)
def test_tricks_with_letters_do_not_help(text):
    assert sanitise(text) == ("[PHONE]", {})


def test_look_alike_letters_do_not_help():
    assert sanitise("\u0430ma@gm\u0430il.\u0441om") == ("[EMAIL]", {})  # Cyrillic a and c


@pytest.mark.parametrize("text", KEPT)
def test_what_a_shop_says_about_goods_stays(text):
    assert sanitise(text) == (text, {})


def test_ids_become_keyed_hashes():
    number = "550e8400-e29b-41d4-a716-446655440000"

    assert sanitise(f"user {number}")[0] == f"user id_{keyed_hash(number.replace('-', ''))}"
    assert sanitise("customer id: C-8841")[0] == f"customer id: id_{keyed_hash('C-8841')}"
    assert keyed_hash("1") != keyed_hash("2")


def test_own_customers_come_back_in_the_answer():
    text, tokens = sanitise(
        "AMA MENSAH owes 50, Ama paid 20. Amazing Kofi's shop, code KM-7.", ["Ama", "Ama Mensah", "KM-7"]
    )

    assert text == "⟦C02⟧ owes 50, ⟦C01⟧ paid 20. Amazing Kofi's shop, code ⟦C03⟧."
    assert restore_tree({"text": ["Dear ⟦C02⟧,"]}, tokens) == {"text": ["Dear Ama Mensah,"]}


def test_tokens_cannot_be_forged_and_are_not_shared():
    text, tokens = sanitise("⟦C01⟧ and Ama", ["Ama"])

    assert text == "[C01] and ⟦C01⟧"
    assert tokens == {"⟦C01⟧": "Ama"}
    assert sanitise("Kofi", ["Kofi"]) == ("⟦C01⟧", {"⟦C01⟧": "Kofi"})


def test_tokens_have_one_width():
    names = [f"Customer{number}x" for number in range(120)]

    text, _ = sanitise("Customer0x Customer119x", names)

    assert text == "⟦C001⟧ ⟦C120⟧"


def test_a_tree_with_its_field_names_and_numbers():
    data = {"0244123456": ["ama@gmail.com", 5, Decimal("45.50"), None, True], "phone": 233244123456}

    assert sanitise_tree(data) == (
        {"[PHONE]": ["[EMAIL]", 5, Decimal("45.50"), None, True], "phone": "[PHONE]"},
        {},
    )


def test_overlapping_finds_leave_nothing_behind():
    text, _ = sanitise("account no 0244123456 4111111111111111")

    assert "4111" not in text
    assert "0244" not in text


@pytest.mark.parametrize(
    "text",
    [
        *("a" * 20_000, "0 " * 10_000, "eyJ-" * 5_000, "a.b@" * 5_000, "+233" * 5_000, "password " * 2_500),
        *(
            "0\u0336" * 10_000,
            "024 412 " * 2_500,
            "ama\u2069 @ gmail . " * 1_500,
            "mot de passe est " * 1_500,
        ),
        *("AA11 AAAA " * 2_000, "a at b " * 3_000, "!" * 20_000, "-----BEGIN PRIVATE KEY-----" * 800),
    ],
)
def test_time_grows_no_faster_than_the_text(text):
    def seconds(sample):
        started = time.thread_time()
        sanitise(sample)
        return time.thread_time() - started

    half = min(seconds(text[: len(text) // 2]) for _ in range(3))
    whole = min(seconds(text) for _ in range(3))

    assert whole < 3 * half + 0.01


def test_names_with_a_dotted_capital_are_found():
    clean, tokens = sanitise("Call \u0130brahim Kaya", ["\u0130brahim Kaya"])

    assert clean == "Call ⟦C01⟧"
    assert restore_tree(clean, tokens) == "Call \u0130brahim Kaya"


def test_many_customers_with_one_first_word_take_no_more_than_linear_time():
    def seconds(count: int) -> float:
        names = [f"Customer {number}" for number in range(count)]
        started = time.thread_time()
        clean, tokens = sanitise_tree(names, names)
        assert restore_tree(clean, tokens) == names
        return time.thread_time() - started

    few, many = (min(seconds(count) for _ in range(3)) for count in (500, 2000))
    assert many < 10 * few


def test_our_own_words_stay_whatever_a_customer_is_called():
    data = {"name": "Amount Mensah", "amount": 5, "tone": "friendly", "note": "Friendly greetings to Amount"}

    clean, tokens = sanitise_tree(
        data, ["Amount Mensah", "friendly"], own=frozenset({"amount", "name", "friendly"})
    )

    assert clean["amount"] == 5
    assert clean["tone"] == "friendly"
    assert restore_tree(clean, tokens)["name"] == "Amount Mensah"
    assert "mensah" not in str(clean).lower()


@pytest.mark.parametrize(
    ("customer", "text", "clean"),
    [
        ("Ama Serwaa", "ama's", "⟦C02⟧'s"),  # a part, in any case
        ("Ama Serwaa", "AmaSerwaa77, amaserwaa", "AmaSerwaa77, ⟦C01⟧"),
        ("Grace Ofori", "by the grace of Grace", "by the grace of ⟦C02⟧"),  # a word too: with a capital
        ("Kofi Stores", "Kofi has stores; kofi", "⟦C02⟧ has stores; kofi"),  # a shop: with a capital
        ("Table 7 Al", "table 7, Table 9, Al", "table 7, Table 9, Al"),  # a code has no parts
        ("12-5", "12.5 kg, bag 12-5", "12.5 kg, bag ⟦C01⟧"),
    ],
)
def test_parts_of_names(customer, text, clean):
    assert sanitise(text, [customer])[0] == clean
