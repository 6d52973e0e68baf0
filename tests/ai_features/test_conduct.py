"""What may not be written to somebody who owes money, in the words people use for it, and what may."""

import time

import pytest

from ai_features.facts import conduct, reminders

REFUSED = [
    ("threat", "Pay now or we will call the police."),
    ("threat", "We will take legal action."),
    ("threat", "We will sue you in court."),
    ("threat", "Our lawyer is ready."),
    ("threat", "You will be arrested."),
    ("threat", "Pay or else."),
    ("threat", "You will face serious consequences."),
    ("threat", "We know where you live."),
    ("threat", "Our boys will come to your house tonight."),
    ("threat", "We shall seize your goods."),
    ("threat", "You will be blacklisted at the credit bureau."),
    ("threat", "P O L I C E"),
    ("threat", "рolice"),  # noqa: RUF001 - its first letter is Cyrillic
    ("threat", "PO\u200bLICE"),
    ("threat", "We go carry you go station."),
    ("threat", "We go show you, you go regret am."),
    ("threat", "Nous saisirons la justice."),
    ("threat", "Un huissier viendra."),
    ("threat", "Dernier avertissement avant poursuites."),
    ("threat", "Yɛbɛfrɛ polisi."),
    ("threat", "Yɛbɛba wo fie."),
    ("threat", "Wɔbaatsɛ polisifoi."),
    ("threat", "Míayɔ kpovitɔwo."),
    ("threat", "Za mu kai ku kotu."),
    ("threat", "Za mu kira 'yan sanda."),
    ("shaming", "Shame on you."),
    ("shaming", "You are a thief and a liar."),
    ("shaming", "We will post your name on Facebook."),
    ("shaming", "Everyone will know."),
    ("shaming", "You no get shame, you be tief."),
    ("shaming", "Quelle honte, mauvais payeur."),
    ("shaming", "Aniwu mma wo."),
    ("shaming", "Ɔkrɔmfo!"),
    ("shaming", "Hiɛgbele."),
    ("shaming", "Ŋukpe."),
    ("shaming", "Abin kunya ne, barawo."),
    ("third_party", "We will tell your family."),
    ("third_party", "Your wife should know about this."),
    ("third_party", "We will inform your employer."),
    ("third_party", "We have your contacts."),
    ("third_party", "Your old mother will hear of it."),
    ("third_party", "Tell the whole community? We will inform the chief."),
    ("third_party", "We go call your oga."),
    ("third_party", "Nous appellerons votre famille."),
    ("third_party", "Votre employeur sera informé."),
    ("third_party", "Yɛbɛka akyerɛ w'abusua."),
    ("third_party", "Yɛbɛfrɛ wo yere."),
    ("third_party", "Oweku baale."),
    ("third_party", "Míagblɔe na ƒometɔwo."),
    ("third_party", "Za mu gaya wa iyalinka."),
    ("new_cost", "A penalty will be added."),
    ("new_cost", "We will charge interest of 5%."),
    ("new_cost", "Late fees apply."),
    ("new_cost", "Des frais de retard s'appliquent."),
]
ALLOWED = [
    "Hello, a kind reminder that your payment is due. Please pay when you can.",
    "Please call us at the shop so that we can agree on a plan.",
    "We value your custom and thank you for your trust.",
    "This is our last reminder. Please pay today, or talk to us.",
    "You can pay in parts; tell us what suits you.",
    "That is fine with us. Take your time to look at it.",
    "We will pause new credit until the balance is paid.",
    "Abeg, no vex, we just dey remind you. God bless your business.",
    "Merci de nous appeler pour convenir d'un échéancier.",
    "Si vous avez déjà payé, merci d'ignorer ce message.",
    "Yɛsrɛ wo, tua ma yɛn. Yɛda wo ase.",
    "Ofainɛ, wo nyɔmɔ lɛ. Oyiwaladɔŋŋ.",
    "Míeɖe kuku, xe fe la. Akpe.",
    "Don Allah ku biya idan kun samu dama. Mun gode.",
]


@pytest.mark.parametrize(("rule", "text"), REFUSED)
def test_what_may_not_be_written(rule, text):
    assert rule in [breach.rule for breach in conduct.breaches(text)]


@pytest.mark.parametrize("text", ALLOWED)
def test_what_may_be_written(text):
    assert conduct.breaches(text) == []


@pytest.mark.parametrize("language", reminders.LANGUAGES)
def test_our_own_texts_keep_the_rules(language):
    assert [conduct.breaches(text) for text in reminders.TEXTS[language].values()] == [[]] * 8


def test_a_breach_says_what_to_do():
    (breach,) = conduct.breaches("We will call the police.")

    assert str(breach) == "it threatens or speaks of police, law or force (police); write it without"


def test_time_grows_no_faster_than_the_text():
    """Words that many rules begin with, over and over: 100 kB against 25 kB."""

    def seconds(text: str) -> float:
        started = time.thread_time()
        conduct.breaches(text)
        return time.thread_time() - started

    for words in ("your old ", "tell the all other "):
        short = words * (25_000 // len(words))
        assert seconds(short * 4) < 12 * max(seconds(short), 0.02)
