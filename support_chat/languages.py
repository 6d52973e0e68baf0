# ruff: noqa: RUF001, E501 - the letters are those of the languages; a list of words is easier to judge on one line
"""In which language a message is written: English, French, Hausa, Pidgin, Twi, Ga or Ewe.

Function words are counted, as they are in every sentence and are hardly borrowed (Grefenstette, "Comparing two
language identification schemes", JADT 1995), then letters and pairs of letters that one language has and the
others lack. Words count without accents and hooks, since most phones are typed on without them. What is said
about the shop ("credit", "momo", "balance") is the same in all seven and counts for none.

English, French and Hausa are told apart well. Twi, Ga and Ewe are known by marker words only, which were not
reviewed by native speakers: whoever writes can name the language, and that wins.
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

NAMES: Mapping[str, str] = {
    "en": "English",
    "fr": "French",
    "ha": "Hausa",
    "pcm": "Pidgin",
    "tw": "Twi",
    "gaa": "Ga",
    "ee": "Ewe",
}
CHOICES = sorted(NAMES.items())
DEFAULT = "en"
# Below this share of all that was counted, the winner is a guess.
SURE = 0.6
_MOST_LETTERS = 2_000  # of a long message: what follows is in the same language

_WORDS: dict[str, str] = {
    "en": "the a an is are was were be been am i you your yours he she it its we our they their them this that these those"
    " of to in on at by with from for and or but if not no do does did don't doesn't didn't can can't could cannot will won't would should"
    " have has had what when where which who whose why how my mine me there here please thanks thank hello hi hey morning evening yes"
    " after before again about only still more than then any some as so just let us up out now i'm i've it's isn't wasn't"
    " nothing something anyone want need help get got give take make made show shows send tell pay paid work works working worked buy bought"
    " payment failed receipt price money account customer customers every per between because while without whether go say says said car plus far many much too",
    "fr": "le la les l un une des du de d et ou mais si ne n pas plus je j tu il elle on nous vous ils elles me m te t se s ce c cet cette ces ca"
    " mon ma mes ton ta tes son sa ses notre nos votre vos leur leurs que qu qui quoi quel quelle quels quelles quand comment combien pourquoi ou"
    " est sont suis etes sommes etait ai as a avez avons ont ete avoir etre fait faire peut peux pouvez puis voudrais veux voulez doit dois"
    " dans sur sous pour par avec sans chez en au aux y bonjour bonsoir salut merci oui non svp s'il plait aussi encore toujours rien"
    " tres bien alors donc car depuis apres avant entre deux trois fois mois jour achat acheter acheté payer paye argent boutique reçu facture"
    " besoin aide aider marche coute est-ce solde compte prix remboursement rembourser abonnement montant",
    "ha": "ina a ni na ta ya sun mun kun kin ka ki ku su mu shi ita shin yaya ta yaya me menene mene wane wace wanda wadda wa wacce yaushe nawa ina"
    " ba bai bata ban ban ba'a babu akwai don dan domin saboda amma ko kuma da daga zuwa cikin kan akan wajen wurin wannan wadannan wancan"
    " zan zaka zai zata za zamu zaku yana tana suna muna kuna kana kina nake nawa mai masu an ana aka ake in so son bukata ina bukatar bukatata"
    " allah gode sannu barka kwana kwana yini gida lafiya kudi kudin kudina biya biyan biyana saya sayi sayen sayar shago shagona shaguna"
    " taimako taimaka taimake mini mana maka miki musu lamba lambar wata watan rana kowane kowace duk daya biyu uku har yanzu bayan kafin"
    " cewa kuma yi yin suka tun lokacin lokaci tare yanzu mutane tsakanin farko samun samu sauran bisa gaba irin matsayin babban shekara karkashin fara tsari tsarin kowa jiya yau gobe kawai sake sabo sabon sabuwar kira waya wayata nema neman tambaya amsa karba bayar tura kara rage duba gani ganin sani iya matsala dukan wuri gaskiya soke soka rajista tsada yadda ne ce nan can sai kamar wani wasu abu abin mutum kasuwanci kasuwancina farashi farashin magana aiki ragowa mayar ma'aikaci aika aiko ga sosai haka",
    "pcm": "wetin dey una abeg comot sabi wahala chale oga biko wey pikin biz waka wan nor sef kuku ehn shey abi o jare dis dat dem am don go fit"
    " no say na for make e im ur wia how tey chop chao commot wit taya gats",
    "tw": "me wo ne no na nti se sen den deen dee ase anaa wɔ w'ani m'ani mepa kyew boa medaase meda maakye maaha maadwo ete hena ehena hen he ho ehe"
    " mo yɛn won ɔno nso nanso anka saa seesei nnɛ ɔkyena ɛnora eye eyɛ ye ayɛ aye nye wɔn deɛ yi noa dabi aane yoo mesre mesrɛ"
    " mepe mehia mente mate metumi mentumi mante menim mennim meto meto matɔ mato matua me-tua mɛtua mɛyɛ mɛtɔ meye meyɛ mɛkɔ meko rebisa sika sikanoa"
    " ɛbo ebo adwuma adeto adetɔfoɔ onipa kasa so mu fa fi firi kɔ ko ba bra ma mma kyerɛ kyere hu hunu pɛ pe bi biara wɔmo yɛ koraa ara hwɛ hwe sesa mmoa nnya mennya mennyaa nyaa ɔbɛtumi bɛtumi betumi",
    "gaa": "mi o lɛ le ni kɛ nɔ no he hewɔ hewo mɛni meni te tɛŋŋ tenn enyiɛ enyie namɔ namo nɛgbɛ negbe ofainɛ ofaine oyiwala oyiwaladɔŋŋ oyiwaladonn miisumɔ miisumo"
    " mafee mahe matao mitao minako mina minyɛɛɛ minyeee bo wɔ amɛ nyɛ nyɛkɛ nyeke ji eji kɛji keji aloo shi lɛɛ ko komɛi shika nyɔmɔ miwo miwoo"
    " baanyɛ baanye ena aha ye bua yɛ awie gbɔmɔ gbomo hejɔlɔ jara ejara heko hu hee daŋŋ ojekoo minaakpe tsɔɔ tsoo lolo eei jeee jee sane feemɔ nine",
    "ee": "aleke mawo mawɔ wò nye nyea le la o ɖe de kple eye ke gake be ne na nam naa mi mia miawo wo wòe woa wonye wònye nenie neni ameka nuka nu ka ta afika gbeka ɣekaɣi"
    " meɖe mede kuku taflatse akpe ŋdi ndi ŋunye nunye ŋu nu dzi to va yi ɖo ame aɖe ade ga ho fe xe mexe fexexe medi mehiã mehia mekpɔ nyemate nyemekpɔ nyemekpo ate akpɔ akpo"
    " kpe kpekpeɖeŋu maƒo mafo aƒle afle ƒle fle asisi asisiwo esia ema ale alo hã ha ko siaa sia si woe egbe etsɔ miegbe miɖo mido ƒe xexlẽ nyui wɔ dɔ wɔm le eme loo yoo medaa",
}
# Several words that only one language says; each counts as `_PHRASE`.
_PHRASES: dict[str, str] = {
    "pcm": r"\bno (?:fit|dey|gree|get|be|show|come|work|correct|sabi|go|reach|see|know)\b|\bi (?:wan|no|don|dey|go|fit|come) |\bwho (?:fit|go|dey)\b|\bmake (?:i|we|una|e|you|dem)\b|\bgo take\b|\b(?:e|dem|una|we|you|money|am) (?:don|no|go|dey|fit|be)\b|\bhow (?:far|i go|you go|we go|e)\b|\b(?:don|done) (?:finish|pay|buy|comot|come|go|send|try|spoil)\b|\bdem (?:send|charge|take|say|no)\b|\b(?:why|where) (?:una|dem|you dey)\b|\w dem\b",
    "fr": r"\best[- ]ce que\b|\bqu'(?:il|elle|on|est)\b|\bs'il (?:vous|te) pla|\by a[- ]t[- ]il\b|\b(?:j|l|d|n|m|s|c|qu)'[a-z]",
    "ha": r"\bdon allah\b|\bta yaya\b|\bna gode\b|\bina (?:so|son|kwana|bukatar|wuni|yini)\b|\bba na\b|\bme ya sa\b|\b(?:an|aka|ake|ana) (?:ce|cire|yi)\b",
    "tw": r"\bmepa wo\b|\b(?:eye|aye) sen\b|\bete sen\b|\bden nti\b|\bye den\b|\bwo he\b",
    "gaa": r"\bte ma\w+ ten+\b|\byo mi\b|\bye mi bua\b|\bmeni hewo\b",
    "ee": r"\bmede kuku\b|\bnu ka ta\b|\bakpe na\b|\bkpe de\b",
}
# Letters and pairs of letters; they count once a word. Those of several languages count less for each.
_LETTERS: tuple[tuple[str, Mapping[str, float]], ...] = (
    ("ɖƒɣʋ", {"ee": 2.0}),
    ("ŋ", {"ee": 0.7, "gaa": 0.9}),
    ("ɛɔ", {"tw": 0.6, "gaa": 0.5, "ee": 0.4}),
    ("ƙɗɓ", {"ha": 2.0}),
    ("éèêëàâçùûîïœ", {"fr": 0.8}),
    ("ẽãõĩũ", {"ee": 0.8}),
)
_PAIRS: tuple[tuple[re.Pattern[str], Mapping[str, float]], ...] = (
    (re.compile(r"ky|gy|hy|dw|nn[aey]|mm[aeo]"), {"tw": 0.4}),
    (re.compile(r"kp|gb|dz|ts[aeiou]"), {"ee": 0.4, "gaa": 0.3}),
    (re.compile(r"([aeiou])\1\1|aa$|[eo]mɔ$"), {"gaa": 0.3}),
    (re.compile(r"(?:eau|eux|aux|ez|tion|ment|ais|ait|ure|ique|oir|ier)s?$"), {"fr": 0.25}),
    (re.compile(r"(?:ing|ed|ly|ness|ight|ould|wh\w+|th\w+)$"), {"en": 0.3}),
    (re.compile(r"(?:nku|nka|mmu|rta|rsu|wa|nta|oyi|inta|ata|una|una|anci|aya)$"), {"ha": 0.3}),
)
_PHRASE = 2.0
# Where English and Pidgin share a word it says little about Pidgin; what English lacks says much.
_ONLY_PIDGIN = 4.0
_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_PLAIN = str.maketrans("ɛɔŋɖƒɣʋɗƙɓƴ", "eondfgvdkby")


@dataclass(frozen=True)
class Detection:
    """`share`: how much of what was counted speaks for it, 0 to 1; 0 when nothing does."""

    language: str
    share: float

    @property
    def sure(self) -> bool:
        return self.share >= SURE


def detect(text: str, *, chosen: str | None = None, before: str = DEFAULT) -> Detection:
    """The language to answer in. `chosen` by the writer wins; without any sign it stays what it was `before`."""
    if chosen in NAMES:
        return Detection(str(chosen), 1.0)
    counts = scores(text)
    total = sum(counts.values())
    if not total:
        return Detection(before if before in NAMES else DEFAULT, 0.0)
    best = max(counts.values())
    leading = [language for language, count in counts.items() if count == best]
    language = before if before in leading else leading[0]
    return Detection(language, round(best / total, 3))


def scores(text: str) -> dict[str, float]:
    """What speaks for each language, in points; linear in the text."""
    text = unicodedata.normalize("NFC", text[:_MOST_LETTERS]).casefold().replace("’", "'")
    words = _WORD.findall(text)
    points = dict.fromkeys(NAMES, 0.0)
    for word in words:
        known = _known(word)
        for language in known:
            weight = _ONLY_PIDGIN if known == ("pcm",) else 1 / len(known)
            points[language] += weight
        for letters, gains in _LETTERS:
            if any(letter in word for letter in letters):
                _add(points, gains)
        if not known:
            for pattern, gains in _PAIRS:
                if pattern.search(word):
                    _add(points, gains)
    plain = _plain(" ".join(words))
    for language, pattern in _COMPILED.items():
        points[language] += (_ONLY_PIDGIN if language == "pcm" else _PHRASE) * len(pattern.findall(plain))
    return points


def _known(word: str) -> tuple[str, ...]:
    """The languages that have the word as it is written, else without accents, else its parts."""
    plain = _plain(word)
    found = _LANGUAGES_OF.get(plain)
    if found is None and ("'" in plain or "-" in plain):
        found = next((f for part in re.split("['-]", plain) if (f := _LANGUAGES_OF.get(part))), None)
    return found or ()


def _add(points: dict[str, float], gains: Mapping[str, float]) -> None:
    for language, gain in gains.items():
        points[language] += gain


def _plain(text: str) -> str:
    """Without accents and hooks."""
    decomposed = unicodedata.normalize("NFKD", text.translate(_PLAIN))
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))


def _index() -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for language, words in _WORDS.items():
        for word in dict.fromkeys(_plain(words).split()):
            found[word] = (*found.get(word, ()), language)
    return found


_LANGUAGES_OF = _index()
_COMPILED = {language: re.compile(pattern) for language, pattern in _PHRASES.items()}
