# ruff: noqa: E501 - a text is easier to judge on one line; the letters are those of the languages
"""Reminders of a debt as the shop would send them without a model, and when they may be sent.

English, Pidgin and French are written out; Twi, Ga, Ewe and Hausa are short and plain, and were not reviewed by
a native speaker. None threatens, shames or names anybody else (`conduct`), each offers to talk.
"""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

LANGUAGES = ["English", "Twi", "Ga", "Ewe", "Hausa", "Pidgin", "French"]
TONES = ["friendly", "firm", "final"]
# A message may come on these hours of the shop's zone, Monday to Saturday; never at night, never on a Sunday.
OPENS, CLOSES = time(8), time(18)
HOURS = "Monday to Saturday, 08:00 to 18:00"
# Written large inside a sentence without being anybody's name.
COMMON_WORDS = """
hello hi dear mr mrs ms miss madam sir monsieur madame bonjour momo mobile money sms whatsapp god allah dieu
onyame onyankopɔn mawu nyɔŋmɔ alhaji hajia we you your our if please thank thanks kind regards best yours
"""
_SUNDAY = 6
_MONTHS = {
    "English": [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ],
    "French": [
        "janvier",
        "février",
        "mars",
        "avril",
        "mai",
        "juin",
        "juillet",
        "août",
        "septembre",
        "octobre",
        "novembre",
        "décembre",
    ],
}
_MONTHS["Pidgin"] = _MONTHS["English"]
# upcoming: not due yet, whatever the tone.
TEXTS: dict[str, dict[str, str]] = {
    "English": {
        "greeting": "Hello {customer},",
        "upcoming": "a kind reminder that {amount} is due on {date}.",
        "friendly": "a kind reminder: {amount} was due on {date}. If it slipped your mind, please pay when you can.",
        "firm": "{amount} was due on {date}; days overdue: {days}. Please pay it now, or call us so that we can agree on a plan.",
        "final": "this is our last reminder: {amount} was due on {date}; days overdue: {days}. Please pay now, or call us so that we can agree on a plan.",
        "link": "Pay here: {link}",
        "paid": "If you have paid already, thank you.",
        "title": "Your payment of {amount}",
    },
    "Pidgin": {
        "greeting": "Hello {customer},",
        "upcoming": "we just dey remind you say {amount} go due for {date}.",
        "friendly": "we just dey remind you say {amount} suppose come for {date}. If you forget, no wahala, abeg pay when you fit.",
        "firm": "{amount} suppose come for {date}; days wey don pass: {days}. Abeg pay am now, or call us make we agree how you go pay.",
        "final": "this be our last reminder: {amount} suppose come for {date}; days wey don pass: {days}. Abeg pay am now, or call us make we agree how you go pay.",
        "link": "Pay for here: {link}",
        "paid": "If you don pay already, thank you.",
        "title": "Your payment of {amount}",
    },
    "French": {
        "greeting": "Bonjour {customer},",
        "upcoming": "nous vous rappelons que {amount} est à régler le {date}.",
        "friendly": "petit rappel : {amount} était à régler le {date}. Si c'est un oubli, merci de payer dès que possible.",
        "firm": "{amount} était à régler le {date} ; jours de retard : {days}. Merci de payer maintenant, ou appelez-nous pour convenir d'un échéancier.",
        "final": "ceci est notre dernier rappel : {amount} était à régler le {date} ; jours de retard : {days}. Merci de payer maintenant, ou appelez-nous pour convenir d'un échéancier.",
        "link": "Payer ici : {link}",
        "paid": "Si vous avez déjà payé, merci.",
        "title": "Votre paiement de {amount}",
    },
    "Twi": {
        "greeting": "Agoo {customer},",
        "upcoming": "yɛrekae wo sɛ ɛsɛ sɛ wotua {amount} wɔ {date}.",
        "friendly": "yɛrekae wo sɛ na ɛsɛ sɛ wotua {amount} wɔ {date}. Yɛsrɛ wo, tua ma yɛn.",
        "firm": "wode yɛn ka {amount}. Na ɛsɛ sɛ wotua wɔ {date}. Yɛsrɛ wo, tua seesei anaa frɛ yɛn na yɛnka ho asɛm.",
        "final": "wei ne nkaebɔ a etwa toɔ: wode yɛn ka {amount}. Na ɛsɛ sɛ wotua wɔ {date}. Yɛsrɛ wo, tua seesei anaa frɛ yɛn na yɛnka ho asɛm.",
        "link": "Tua wɔ ha: {link}",
        "paid": "Sɛ woatua dada a, yɛda wo ase.",
        "title": "Nkaebɔ: {amount}",
    },
    "Ga": {
        "greeting": "{customer}, wɔŋaa bo.",
        "upcoming": "Ofainɛ, kaimɔ akɛ esa akɛ owo {amount} yɛ {date}.",
        "friendly": "Ofainɛ, kaimɔ akɛ esa akɛ owo nyɔmɔ {amount} yɛ {date}.",
        "firm": "Ofainɛ, wo nyɔmɔ {amount} ni esa akɛ owo yɛ {date} lɛ, loo tsɛ wɔ.",
        "final": "Naagbee kaimɔ: ofainɛ, wo nyɔmɔ {amount} ni esa akɛ owo yɛ {date} lɛ, loo tsɛ wɔ.",
        "link": "Wo yɛ biɛ: {link}",
        "paid": "Kɛji owo momo lɛ, oyiwaladɔŋŋ.",
        "title": "Kaimɔ: {amount}",
    },
    "Ewe": {
        "greeting": "{customer}, míedo gbe na wò.",
        "upcoming": "Míeɖe kuku, ɖo ŋku edzi be ele be nàxe {amount} le {date}.",
        "friendly": "Míeɖe kuku, ɖo ŋku edzi be ele be nàxe fe {amount} le {date}.",
        "firm": "Míeɖe kuku, xe fe {amount} si wòle be nàxe le {date}, alo yɔ mí.",
        "final": "Ŋkuɖodzinya mamlɛtɔ: míeɖe kuku, xe fe {amount} si wòle be nàxe le {date}, alo yɔ mí.",
        "link": "Xee le afi sia: {link}",
        "paid": "Ne èxee xoxo la, akpe.",
        "title": "Ŋkuɖodzinya: {amount}",
    },
    "Hausa": {
        "greeting": "Sannu {customer},",
        "upcoming": "muna tunatar da ku cewa ranar biyan {amount} ita ce {date}.",
        "friendly": "muna tunatar da ku cewa ranar biyan {amount} ta kasance {date}. Don Allah ku biya idan kun samu dama.",
        "firm": "lokacin biyan {amount} ya wuce ({date}). Don Allah ku biya yanzu, ko ku kira mu mu tattauna.",
        "final": "wannan ita ce tunatarwa ta karshe: lokacin biyan {amount} ya wuce ({date}). Don Allah ku biya yanzu, ko ku kira mu mu tattauna.",
        "link": "Ku biya a nan: {link}",
        "paid": "Idan kun riga kun biya, mun gode.",
        "title": "Tunatarwa: {amount}",
    },
}


def money(amount: Decimal) -> str:
    return f"GHS {amount:,.2f}"


def written_date(day: date, language: str) -> str:
    """As people write it: 3 November 2026, in languages without month names here 03/11/2026."""
    months = _MONTHS.get(language)
    return f"{day.day} {months[day.month - 1]} {day.year}" if months else f"{day:%d/%m/%Y}"


def text(*, language: str, kind: str, shop: str | None, values: Mapping[str, str]) -> str:
    """The whole message. `kind` is a tone or upcoming; `values` are customer, amount, date, days and link."""
    parts = TEXTS[language]
    wanted = ["greeting", kind, *(["link"] if values.get("link") else []), "paid"]
    return " ".join([*(parts[part].format(**values) for part in wanted), *([shop] if shop else [])])


def short_text(*, language: str, kind: str, values: Mapping[str, str]) -> str:
    """The same without its last lines."""
    parts = TEXTS[language]
    wanted = ["greeting", kind, *(["link"] if values.get("link") else [])]
    return " ".join(parts[part].format(**values) for part in wanted)


def send_time(moment: datetime, zone: ZoneInfo) -> datetime:
    """The first moment from this one on at which a message may come, in the zone's own time."""
    local = moment.astimezone(zone)
    if local.time() >= CLOSES:
        local = datetime.combine(local.date() + timedelta(days=1), OPENS, zone)
    elif local.time() < OPENS:
        local = datetime.combine(local.date(), OPENS, zone)
    if local.weekday() == _SUNDAY:
        local = datetime.combine(local.date() + timedelta(days=1), OPENS, zone)
    return local


def send_advice(*, today: date, send_after: datetime | None, zone_name: str) -> dict[str, str]:
    """When to send a message that is ready at `send_after`, or else in the first hour of `today`."""
    zone = ZoneInfo(zone_name)
    moment = send_time(send_after or datetime.combine(today, time(0), zone), zone)
    return {"at": moment.isoformat(timespec="minutes"), "time_zone": zone_name, "hours": HOURS}


def history(events: list[dict[str, Any]], today: date, language: str) -> dict[str, Any]:
    """What there is to say of earlier reminders, calls, promises and payments: counts, sums as paid, one date."""
    paid = [event["amount"] for event in events if event["kind"] == "payment"]
    promises = [event["date"] for event in events if event["kind"] == "promise"]
    ahead = [day for day in promises if day >= today]
    found = {
        "reminders_sent": sum(event["kind"] == "reminder" for event in events),
        "calls": sum(event["kind"] == "call" for event in events),
        "promises_passed": len(promises) - len(ahead),
        "promised_for": written_date(min(ahead), language) if ahead else "",
        "payments": [money(amount) for amount in paid],
    }
    known = {name: value for name, value in found.items() if value}
    return {"history": known} if known else {}
