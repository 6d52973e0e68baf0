"""manage.py import_users: people, businesses, memberships and free licences from a spreadsheet."""

from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core import mail
from django.core.management import CommandError, call_command
from rest_framework.test import APIClient

from accounts.models import Business, Membership, User
from subscriptions.models import Licence
from subscriptions.services import imports
from tests.factories import make_business

pytestmark = pytest.mark.django_db

HEADER = "email,name,phone,business,role\n"
SHOP = (
    HEADER
    + "ama@shop.test,Ama Owusu,055 123 4987,Ama Stores,owner\n"
    + "kofi@shop.test,Kofi Mensah,,Ama Stores,cashier\n"
)


def run(tmp_path: Path, content: str | bytes, *options: str) -> tuple[int, list[str]]:
    file, out = tmp_path / "users.csv", StringIO()
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    try:
        call_command("import_users", str(file), *options, stdout=out, stderr=StringIO())
    except CommandError as error:
        return error.returncode, [*out.getvalue().splitlines(), str(error).removeprefix(f"{file}: ")]
    return 0, out.getvalue().splitlines()


def members() -> list[Any]:
    rows = Membership.objects.order_by("pk")
    return list(rows.values_list("user__email", "user__name", "user__phone", "business__name", "role"))


AMA = ("ama@shop.test", "Ama Owusu", "+233551234987", "Ama Stores", "owner")
KOFI = ("kofi@shop.test", "Kofi Mensah", "", "Ama Stores", "cashier")


def test_a_shop_and_again(tmp_path: Path) -> None:
    assert run(tmp_path, SHOP) == (0, ["2 rows: 2 users and 2 memberships new, 0 failed."])
    assert members() == [AMA, KOFI]
    licences = Licence.objects.order_by("user", "kind").values_list(
        "user__email", "kind", "status", "expires_at"
    )
    assert list(licences) == [
        ("ama@shop.test", "api_tier", "active", None),
        ("ama@shop.test", "support_chat", "active", None),
        ("kofi@shop.test", "api_tier", "active", None),
        ("kofi@shop.test", "support_chat", "active", None),
    ]
    assert not any(user.has_usable_password() for user in User.objects.all())
    assert run(tmp_path, SHOP) == (0, ["2 rows: 0 users and 0 memberships new, 0 failed."])
    assert (members(), Business.objects.count(), Licence.objects.count()) == ([AMA, KOFI], 1, 4)


def test_they_sign_in_by_asking_for_a_password(tmp_path: Path) -> None:
    run(tmp_path, SHOP)
    reply = APIClient().post("/api/auth/app/v1/auth/password/request", {"email": "kofi@shop.test"})
    assert reply.status_code == 200
    assert [(one.to, "password" in one.subject.lower()) for one in mail.outbox] == [
        (["kofi@shop.test"], True)
    ]


def test_a_dry_run_says_the_same_and_writes_nothing(tmp_path: Path) -> None:
    said = run(tmp_path, SHOP + "esi@shop.test,Esi,,Ama Stores,boss\n", "--dry-run")
    assert (said[0], said[1][0].partition(";")[0]) == (1, "row 4: role 'boss' is unknown")
    assert said[1][1] == "3 rows: 2 users and 2 memberships would be new, 1 failed."
    assert User.objects.count() == Business.objects.count() == Licence.objects.count() == 0


@pytest.mark.parametrize(
    ("content", "options"),
    [
        (SHOP.encode("utf-8-sig"), []),
        (SHOP.replace(",", ";").replace("\n", "\r\n").encode("utf-8-sig"), []),
        (SHOP.replace(",", "\t").encode(), []),
        (SHOP.replace("email,name", " Email , NAME").replace("\n", "\n\n,,,,\n").encode(), []),
        (SHOP.replace("Ama Stores", '"Ama Stores"').encode("latin-1"), ["--encoding", "latin-1"]),
        (SHOP.replace("ama@shop.test", "AMA@Shop.Test").encode(), []),
    ],
)
def test_what_spreadsheets_make_of_it(tmp_path: Path, content: bytes, options: list[str]) -> None:
    assert run(tmp_path, content, *options)[0] == 0
    assert members() == [AMA, KOFI]


def test_names_in_other_encodings(tmp_path: Path) -> None:
    french = SHOP.replace("Ama Owusu", "Amélie Owusu")
    refused = (
        "Line 2 is not UTF-8. Save the file as “CSV UTF-8” in the spreadsheet, or say what it is, e.g."
        " --encoding windows-1252. Nothing was imported."
    )
    assert run(tmp_path, french.encode("latin-1")) == (1, [refused])
    assert User.objects.count() == 0
    assert run(tmp_path, french.encode("windows-1252"), "--encoding", "windows-1252")[0] == 0
    assert members()[0][1] == "Amélie Owusu"


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "The file is empty. Its first row must name the columns email, name, phone, business, role."),
        (SHOP.encode("utf-16"), "The file is UTF-16. Save it as “CSV UTF-8” in the spreadsheet."),
        (
            b"email,telephone,role,role\n",
            "The first row must name the columns email, name, phone, business, role (name and phone may be"
            " left out); missing: business; unknown: telephone; twice: role.",
        ),
        (
            HEADER.encode() + b'a@shop.test,"Ama,,Ama Stores,owner\n',
            "Line 2: unexpected end of data. Is a quotation mark not closed?",
        ),
    ],
)
def test_files_that_can_not_be_read(tmp_path: Path, content: bytes, problem: str) -> None:
    assert run(tmp_path, content) == (1, [f"{problem} Nothing was imported."])


def test_no_such_file(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="No such file or directory") as refused:
        call_command("import_users", str(tmp_path / "none.csv"))
    assert refused.value.returncode == 2


def test_each_wrong_row_says_what_to_do_and_the_rest_is_imported(tmp_path: Path) -> None:
    content = SHOP + (
        "no-mail,Esi,12,Ama Stores,boss\n"
        ",,,,owner\n"
        "esi@shop.test,Esi,,Ama Stores,cashier,extra\n"
        "yaw@shop.test,Yaw,,Ama Stores,owner\n"
        "abena@shop.test,Abena,,Kumasi Mart,manager\n"
        "bad,Bad,,Bad Shop,owner\n"
        "good@shop.test,Good,,Bad Shop,cashier\n"
        f"long@shop.test,{'x' * 121},,Ama Stores,cashier\n"
        "nul@shop.test,N\x00,,Ama Stores,cashier\n"
        "kofi@shop.test,Kofi,,Ama Stores,manager\n"
        "adwoa@shop.test,Adwoa,,Ama Stores,cashier\n"
    )
    roles = "guest, cashier, stock_keeper, sales, accountant, partner, manager, owner"
    told = {
        4: "email 'no-mail' is not an e-mail address; phone '12' is not a phone number; write it as text,"
        f" such as 055 123 4987; role 'boss' is unknown; choose one of {roles}",
        5: "email is missing; business is missing",
        6: "has more cells than columns; a text that contains the separator needs quotation marks",
        7: "ama@shop.test (row 2) is the owner of 'Ama Stores' already. If this is another shop, give it"
        " another name; if it is the same, give this person another role.",
        8: "no row names the owner of 'Kumasi Mart'. Add the owner's row to this file.",
        9: "email 'bad' is not an e-mail address",
        10: "the owner of 'Bad Shop' (row 9) was not imported. Correct that row.",
        11: "name is longer than 120 characters",
        12: "name contains a line break or another invisible character",
        13: "kofi@shop.test is in 'Ama Stores' as cashier already, and stays so",
    }
    code, lines = run(tmp_path, content)
    assert (code, lines[-2:]) == (
        1,
        [
            "13 rows: 3 users and 3 memberships new, 9 failed.",
            "9 of 13 rows were not imported. Correct them, import again.",
        ],
    )
    assert sorted(lines[:-2]) == sorted(f"row {number}: {words}" for number, words in told.items())
    assert [email for email, *_ in members()] == ["ama@shop.test", "kofi@shop.test", "adwoa@shop.test"]


def test_a_shop_of_the_same_name_is_not_taken_over(tmp_path: Path) -> None:
    stranger = make_business(name="Ama Stores")
    run(tmp_path, SHOP)
    assert Membership.objects.filter(business=stranger.business).count() == 1
    assert Business.objects.filter(name="Ama Stores").count() == 2


def test_who_is_here_already_stays_as_they_are(tmp_path: Path) -> None:
    ama = make_business(name="Ama Stores", email="ama@shop.test")
    ama.user.set_password("secret")
    ama.user.save()
    assert run(tmp_path, SHOP) == (0, ["2 rows: 1 users and 1 memberships new, 0 failed."])
    ama.user.refresh_from_db()
    assert (ama.user.name, ama.user.phone, ama.user.check_password("secret")) == ("", "", True)
    assert Membership.objects.filter(business=ama.business).count() == 2


def test_one_person_in_two_shops(tmp_path: Path) -> None:
    more = "kofi@shop.test,,,Kofi Mart,owner\nama@shop.test,,,Kofi Mart,manager\n"
    assert run(tmp_path, SHOP + more) == (0, ["4 rows: 2 users and 4 memberships new, 0 failed."])
    assert Licence.objects.count() == 4


def test_a_row_that_breaks_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Killed between the account and its licences: neither is there, and the next import completes it."""

    def dies(**_: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(imports.licences, "record_free_of_each_kind", dies)
    with pytest.raises(KeyboardInterrupt):
        run(tmp_path, SHOP)
    assert User.objects.count() == Business.objects.count() == Licence.objects.count() == 0
    monkeypatch.undo()
    assert run(tmp_path, SHOP)[0] == 0
