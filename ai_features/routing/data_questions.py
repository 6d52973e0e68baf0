"""Simple questions about a shop's customers, told from open ones. Pure: the text alone, no data.

The vocabulary is closed: one word that is not in it, and the question is not simple. So "top customers" is
recognised, while "how do I reward my top customers" and "top customers last month" go to a model.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from ai_features.privacy.normalise import plain_words
from ai_features.privacy.sanitise import TOKEN

_MOST_WORDS = 25
_MOST_LISTED = 1000

# What a phrase means. They are looked for first, in this order.
_COMES = (
    r"(?:com(?:e|es|ing)|came|buy(?:s|ing)?|bought|visit(?:s|ed|ing)?|shop(?:s|ped|ping)?"
    r"|return(?:s|ed)?|back)"
)
_SPENDS = "spend|spent|buy|bought"
_NOT = r"(?:stop(?:s|ped)?|no longer|no dey|(?:have|has|had|did|do|does) ?(?:not|n'?t))"
_PHRASES: tuple[tuple[str, str], ...] = (
    # The shop as customer, debtor or host: another question.
    (
        r"\b(?:i|we) (?:dey |still |have |has )*(?:owe|owing|spend|spent|buy|bought|purchase\w*|order\w*)\b",
        "unknown",
    ),
    (r"\b(?:am i|are we|i am|we are|i dey) (?:in debt|owing)\b", "unknown"),
    (r"\b(?:my|our) (?:(?:total|average|own) )?(?:debts?|spend|spending|purchases|orders)\b", "unknown"),
    (r"\bmost (?:customers?|clients?|people|buyers|visitors)\b|\bplus de clients\b", "unknown"),
    (rf"\b{_NOT} (?:(?:been|be|to|dey|i|we|seen|me|us) )*(?:{_COMES}|seen)(?: back| here| in)?\b", "lapsed"),
    (r"\bne (?:viennent|vient|reviennent|revient|achetent|achete) plus\b", "lapsed"),
    (r"\b(customers?|clients?|who|that)(?: have| has)? (?:left|gone)\b", r"\1 lapsed"),
    (r"\bnever (?:came|come|return(?:ed)?)(?: back| again)\b|\bnever returned\b", "lapsed"),
    (r"\b(?:lost|losing|perdu) (?:my |the |any |some |des |mes )?(?:customers?|clients?)\b", "lapsed"),
    (r"\b(?:customers?|clients?)(?: (?:have|did|i|we|that|who|has))* (?:lost|losing|perdus?)\b", "lapsed"),
    (r"\b(?:not|no) (?:active|seen|visited|bought)\b", "lapsed"),
    (r"\b(?:what(?!'s| (?:is|are|was|were|be)\b)|wetin(?! be\b))\b", "things"),  # may ask for products
    (r"\bhow often\b", "average visit"),
    (r"\b(?:how (?:many|plenty)|number of|combien (?:de|d')|nombre (?:de|d'))", "many"),
    (r"\b(?:how much|combien)\b", "much"),
    (r"\bmost (?:often|frequently)\b|\ble plus souvent\b", "often"),
    (r"\bchiffre d'affaires?\b", "total sale"),
    (r"\bon credit\b", "owe"),
    (r"\bat risk\b|\ba risque\b", "segment:at_risk"),
    (r"\b(?:can|should)(?: ?not|'?t) lose\b", "segment:cannot_lose"),
    (r"\b(?:potential|possible) loyal(?:ist)?s?\b", "segment:potential_loyalists"),
    (r"\bneed(?:s|ing)? attention\b", "segment:need_attention"),
    (r"\babout to (?:sleep|leave)\b", "segment:about_to_sleep"),
    (r"\b(?:right now|so far|at the moment|in total|in all)\b", "the"),
    (r"\b(?:more than|over|past) (?=\w+ (?:day|week|month))", "ago "),
)
_COMPILED = tuple((re.compile(pattern), f" {meaning} ") for pattern, meaning in _PHRASES)

# What a word means; several meanings are separated by a blank, "" is a word without weight.
_FORMS: dict[str, str] = {
    "customer": """customer customers client clients clientele cliente clientes shopper shoppers costumer
        costumers customa kostoma patrons""",
    "top": """top best biggest largest highest most greatest big valuable important pass meilleur meilleurs
        meilleure meilleures plus gros grosse grands important importants""",
    "low": "worst lowest smallest least bottom pire pires moins",
    "owe": """owe owes owing owed debt debts debtor debtors indebted arrears receivable receivables dette
        dettes doit doivent debiteur debiteurs outstanding unpaid""",
    "balance": "balance balances solde soldes",
    "total": "total totals sum overall altogether totale totaux somme",
    "sale": "sale sales sold sell ventes vente vendu",
    "total sale": "revenue turnover takings",
    "spend": "spend spends spending spent spender spenders depense depenses depensent",
    "buy": "buy buys buying bought buyer buyers achete achetent",
    "order": "purchase purchases purchased order orders ordered achat achats",
    "basket": "basket baskets ticket tickets panier transaction transactions invoice receipt",
    "visit": "visit visits visiting visited visitor visitors come comes coming came viennent vient visites",
    "often": "often frequent frequently regular regulars regularly souvent frequents fideles",
    "average": "average averages avg mean typical moyenne moyen moyens moyennes typically",
    "lapsed": "lapsed inactive dormant churned disappeared vanished inactif inactifs",
    "active": "active actif actifs",
    "ago": "ago long time while since recently lately again anymore longtemps depuis back",
    "last": "last latest when quand",
    "many": "count",
    "segment": "segment segments segmentation rfm",
    "segment:champions": "champion champions",
    "segment:loyal": "loyal",
    "segment:hibernating": "hibernating sleeping",
    "segment:promising": "promising",
    "": """people pipo persons person guests who whom which whose whos qui quel quelle quels quelles
        a an are all am any at be been being by can could cedis currently data dem dey did
        do does don for from get gets got ghs argent give had has have having i in is it like list listing
        made make makes me money amount cash my name names named now of on our ours out per pls please plz print
        abeg shop show see store business business's tell than that the their them there they this to up us
        want was we wetin wey were what whats would with you your know need find display view each every
        e j je me mes ma mon ai as avons nous nos notre le la les l un une des de du d est sont ce
        que c montre montrer montrez moi donne donner liste lister affiche voir en au aux par s il y
        value bring brings brought still holds hold""",
}
_MEANINGS: dict[str, str] = {}
for _name, _words in _FORMS.items():
    for _word in _words.split():
        _MEANINGS.setdefault(_word, _name)
# The meanings of phrases stand in the text as words.
_MEANINGS |= {word: word for _, meaning in _PHRASES for word in meaning.split() if ":" in word}
_MEANINGS |= {name: name for name in (*_FORMS, "much", "things", "unknown") if name}
_TYPO_FROM = 6  # letters; shorter words have too many neighbours ("scales" is not "sales")

_NUMBERS = {
    word: number
    for number, word in enumerate(
        ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"], 1
    )
} | {"twelve": 12, "fifteen": 15, "twenty": 20, "deux": 2, "trois": 3, "cinq": 5, "dix": 10, "vingt": 20}
_UNITS = {"day": 1, "days": 1, "jours": 1, "week": 7, "weeks": 7, "semaines": 7, "month": 30, "months": 30}
_UNITS |= {"mois": 30}
_NAMED = "one"  # a customer, by token
_TEXT = re.compile(r"[a-z_]+:[a-z_]+|[^\W_]+(?:'s\b)?")
_SIGNS = re.compile(r"[%<>=+*/\\|{}#&@]")


@dataclass(frozen=True)
class Asked:
    """`count`: how many to list. `days`: away for so long. `segment`: whose members."""

    intent: str
    count: int | None = None
    days: int | None = None
    segment: str | None = None


@dataclass(frozen=True)
class _Intent:
    """Holds when the question has all of `needs` and nothing but `needs` and `may`."""

    name: str
    needs: frozenset[str]
    may: frozenset[str]


def _intent(name: str, needs: str, may: str = "") -> _Intent:
    return _Intent(name, frozenset(needs.split()), frozenset(may.split()))


_INTENTS = (
    _intent("one_customer", "one", "owe balance much spend total customer things"),
    _intent("one_customer", "one much", "buy order sale total"),
    _intent("one_customer", "one many", "buy order visit total"),
    _intent("one_customer", "one last", "buy order visit"),
    _intent("one_customer", "one often", "buy visit"),
    _intent("one_customer", "one lapsed", "customer last ago"),
    _intent("lapsed_customers", "lapsed", "customer many top total ago days number spend buy last"),
    _intent("active_customers", "active customer", "many total"),
    _intent("debtor_count", "many owe", "customer balance total"),
    _intent("total_balance", "much owe", "customer total balance"),
    _intent("total_balance", "things owe", "customer total balance"),
    _intent("total_balance", "total owe", "customer balance"),
    _intent("total_balance", "total balance", "customer much"),
    _intent("average_balance", "average owe", "customer much balance things"),
    _intent("average_balance", "average balance", "customer much"),
    _intent("biggest_debtors", "owe", "customer top balance number"),
    _intent("biggest_debtors", "balance top", "customer number"),
    _intent("biggest_debtors", "balance customer", "number"),
    _intent("average_visits", "average visit", "customer many often buy order"),
    _intent("average_visits", "average many order", "customer"),
    _intent("average_spend", "average spend", "customer much total sale things"),
    _intent("average_spend", "average sale customer", "much total"),
    _intent("average_spend", "average much buy", "customer"),
    _intent("average_purchase", "average basket", "customer much sale"),
    _intent("average_purchase", "average order", ""),
    _intent("average_purchase", "average sale", ""),
    _intent("total_purchases", "many order", "total customer"),
    _intent("total_purchases", "many sale", "total"),
    _intent("total_purchases", "many basket", "total"),
    _intent("total_purchases", "total order", "customer"),
    _intent("total_sales", "total sale", "much customer"),
    _intent("total_sales", "total spend", "much customer"),
    _intent("total_sales", "much sale", "customer"),
    _intent("total_sales", "much spend", "customer"),
    _intent("total_sales", "much buy", "customer"),
    _intent("frequent_customers", "often", "top customer buy visit number"),
    _intent("frequent_customers", "visit top", "customer number"),
    _intent("frequent_customers", "order top customer", "number"),
    _intent("top_customers", "top customer", "spend buy sale number total"),
    _intent("top_customers", "top spend", "number customer"),
    _intent("top_customers", "top buy", "number customer"),
    _intent("low_customers", "low customer", "spend buy sale number"),
    _intent("low_customers", "low spend", "number"),
    _intent("low_customers", "low buy", "number"),
    _intent("customer_count", "many customer", "total"),
    _intent("customer_count", "total customer", ""),
    _intent("segment_members", "segment_name", "customer many number segment total"),
    _intent("segments", "segment", "customer many total"),
)
INTENTS = tuple(dict.fromkeys(intent.name for intent in _INTENTS))


def recognise(question: str) -> str | None:
    """The name of the intent, one of INTENTS; None for everything that is not surely a simple question.

    The customers' names can only be recognised as the tokens that the sanitiser puts for them.
    """
    asked = read(question)
    return asked.intent if asked else None


def read(question: str) -> Asked | None:
    """The intent with what belongs to it. Linear in the question."""
    text = plain_words(TOKEN.sub(f" {_NAMED}customer ", question[:400])).replace("\u2019", "'")
    if len(question) > 400 or _SIGNS.search(text):
        return None
    for pattern, meaning in _COMPILED:
        text = pattern.sub(meaning, text)
    words = _TEXT.findall(text)
    if len(words) > _MOST_WORDS:
        return None
    return _asked(list(_meanings(words)))


def _asked(meanings: list[tuple[str, int]]) -> Asked | None:
    values = dict(reversed(meanings))
    names = {name for name, _ in meanings if name}
    segments = {name for name in names if name.startswith("segment:")}
    single = ("one", "number", "days")
    if len(segments) > 1 or any(sum(name == one for name, _ in meanings) > 1 for one in single):
        return None
    if segments:
        names = names - segments | {"segment_name"}
    for intent in _INTENTS:
        if intent.needs <= names <= intent.needs | intent.may:
            segment = next(iter(segments), "").partition(":")[2] or None
            return Asked(intent.name, values.get("number"), values.get("days"), segment)
    return None


def _meanings(words: list[str]) -> Iterator[tuple[str, int]]:
    """Each word's meaning with its value; "unknown" is in no intent."""
    at = 0
    while at < len(words):
        word = words[at].removesuffix("'s")
        unit = _UNITS.get(words[at + 1]) if at + 1 < len(words) else None
        number = _number(word)
        at += 1
        if word == f"{_NAMED}customer":
            yield _NAMED, 0
        elif number is None and word in ("a", "un", "une") and unit:
            yield "days", unit
            at += 1
        elif number is None:
            for meaning in _meaning(word).split():
                yield meaning, 0
        elif unit:
            yield "days", number * unit
            at += 1
        else:
            yield "number" if 0 < number <= _MOST_LISTED else "unknown", number


def _number(word: str) -> int | None:
    return int(word) if word.isascii() and word.isdigit() and len(word) < 10 else _NUMBERS.get(word)


def _meaning(word: str) -> str:
    known = _MEANINGS.get(word)
    if known is not None:
        return known
    return next((_MEANINGS[one] for one in _LONG if _is_typo(word, one)), "unknown")


_LONG = tuple(sorted(word for word, meaning in _MEANINGS.items() if meaning and len(word) >= _TYPO_FROM))


def _is_typo(word: str, right: str) -> bool:
    """One letter too many, missing, wrong, or two exchanged; not the first."""
    if word[:1] != right[:1] or abs(len(word) - len(right)) > 1:
        return False
    start = next((i for i, (a, b) in enumerate(zip(word, right, strict=False)) if a != b), None)
    if start is None:
        return True
    rest, correct = word[start:], right[start:]
    return correct in (rest[1::-1] + rest[2:], rest[1:]) or correct[1:] in (rest, rest[1:])
