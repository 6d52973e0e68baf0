# ruff: noqa: E501, RUF001 - a rule is easier to judge on one line; the letters are those of the languages
"""What a text about a debt must not say: no threats, no shaming, nobody else, no costs that nobody agreed to.

After the rules of the Bank of Ghana for digital credit (Directive for Digital Credit Services Providers, 2025):
no threats, violence or obscene words, no contact with other people, no harm to the borrower's name. A shop's
reminder that would break them for a lender is not written for it either, whatever else is true of the debt.

The lists are wide on purpose: a lawyer or the police are never mentioned, not even to say that they won't
come. A message that is refused is repaired or free. English, Pidgin and French are covered well; of Twi, Ga,
Ewe and Hausa the words for police, court, prison, thief, shame, family, spouse and employer. All rules look at
all texts, since languages are mixed. Bounded gaps only: linear in the text.
"""

import re
from dataclasses import dataclass

from ai_features.privacy.normalise import plain_words

_YOUR = r"(?:your|ur|his|her|their)"
_PEOPLE = (
    r"(?:wife|husband|spouse|mother|father|mum|mom|mama|papa|dad|parents?|family|relatives?|relations|children|kids|son|daughter"
    r"|brothers?|sisters?|uncle|auntie|aunt|in-?laws?|friends?|neighbou?rs?|boss|employers?|oga|manager|colleagues?|co-?workers?"
    r"|workplace|pastor|imam|priest|church|mosque|landlord|landlady|chief|elders?|guarantors?|next of kin|contacts?|phone ?book"
    r"|community|village|hometown|people)"
)
_ALL = r"(?:neighbou?rs?|family|community|village|chief|elders?|church|mosque|market|others?|people|everybody|everyone|everybody else)"
# Patterns see lower case with single blanks and accents off.
_RULES: dict[str, dict[str, str]] = {
    "threat": {
        "English": r"\b(?:police|arrest(?:ed)?|prisons?|jail(?:ed)?|courts?|tribunal|lawyers?|solicitors?|attorneys?|barrister|bailiffs?|sue[ds]?|lawsuits?"
        r"|prosecut\w+|legal (?:action|steps|proceedings|measures|consequences|department|team)|summons?|warrant|c\.?i\.?d\b|eoco"
        r"|criminal (?:case|charges?|record)|press charges|blacklist\w*|credit bureau|debt collectors?|recovery agents?|repossess\w*|confiscat\w*"
        r"|foreclos\w*|garnish\w*|auction\w*|soldiers?|macho ?m[ae]n|thugs?|land ?guards?|juju|curse[ds]?|violen\w+|regret (?:it|this|am))\b"
        r"|\b(?:seize|take|collect|grab|lock) (?:all )?(?:your|ur) (?:goods|property|properties|things|shop|stall|car|phone|house|land|items|belongings)"
        r"|\b(?:report|hand|drag|take|carry) (?:you|u|am) (?:to|over|go|come|before)\b|\b(?:beat|hurt|harm|deal with|disgrace|expose|punish|finish) (?:you|u)\b"
        r"|\bwe know where (?:you|u)\b|\bor else\b|\b(?:face|suffer|bear) (?:the |serious |severe |dire )*consequences|\b(?:serious|severe|dire) consequences"
        r"|\b(?:come|go|be|show up|send \w{1,20}) (?:to|at|for|by) (?:your|ur) (?:house|home|shop|work|place|door|store|compound)\b|\bcall (?:you )?every (?:day|hour)\b"
        r"|\b(?:whatever it takes|by force|last warning|final warning|you have been warned|watch your back)\b",
        "Pidgin": r"\b(?:go (?:show you|lock you|hold you|catch you|find you|worry you)|you go (?:see|regret|cry|suffer|hear am)|enter (?:cell|your house)|cell for|counter back)\b",
        "French": r"\b(?:gendarmes?|gendarmerie|policiers?|justice|tribunaux|huissiers?|avocats?|prisonniers?|poursuites?|poursuiv\w+|proces|plainte|arreter|arretee?s?|saisi(?:r|e|es|rons)?|saisies?"
        r"|action en justice|mise en demeure|contentieux|liste noire|casier judiciaire|recouvrement force|represailles|menac\w+|vous (?:le )?regretterez"
        r"|nous savons ou vous|consequences (?:graves|severes|penales|juridiques)|(?:passer|passerons|venir|viendrons|rendrons|rendre) chez vous|dernier avertissement)\b",
        "Twi": r"\b(?:polisi\w{0,6}|apolisi\w{0,4}|afiase|asɛn+ibea|asɛmdibea|kɔɔto|lɔya|loya|mmaranimfo[ɔo]?|duabɔ|\w{0,4}bɔ wo dua|\w{0,4}bɛkye wo|\w{0,4}bɛhwe wo|\w{0,4}bɛba wo fie)\b",
        "Ga": r"\b(?:polisifoi?|kɔɔti|kooti|tsuŋwoo|wɔbaamɔ bo|amɔ bo|wɔbaayi bo)\b",
        "Ewe": r"\b(?:kpovit[ɔo]\w{0,3}|kpovitɔwo|gax[ɔo]\w{0,2}|[ʋv]ɔnudr[ɔo]ƒe|ʋɔnui|senyala\w{0,2}|alea na lé wò|míalé wò|mialé wo|miale wo)\b",
        "Hausa": r"\b(?:'?yan ?sanda|[ɗd]an ?sanda|kotu|kurkuku|gidan yari|lauya|lauyoyi|kama (?:ka|ki|ku)|[ɗd]aure (?:ka|ki|ku)|za ku gani|zaka gani|zaki gani|barazana)\b",
    },
    "shaming": {
        "English": r"\b(?:sham(?:e|es|ed|ing|eful|eless)|disgrac\w+|humiliat\w+|embarrass\w+|thie(?:f|ves)|steal(?:ing)?|stole[n]?|fraud\w*|scamm?\w*|crooks?|criminals?|liars?|lying|cheat\w*"
        r"|dishonest\w*|irresponsib\w+|useless|worthless|lazy|stupid|fools?|foolish|idiots?|greedy|wicked|deadbeat|untrustworthy|bad (?:person|payer|debtor)|chronic (?:debtor|late payer)"
        r"|name and|bad name|your (?:good )?name will|reputation|everyone will (?:know|hear|see)|the whole (?:town|area|market|street|world)|social media|facebook|twitter|tiktok|instagram|whatsapp status"
        r"|(?:post|publish|print|share|paste|announce|broadcast) (?:your|ur|you)\b|list of (?:debtors|defaulters)|(?:debtors|defaulters)'? list|on (?:the )?radio|newspapers?|loudspeaker|noticeboard|notice board)\b",
        "Pidgin": r"\b(?:tief|tiff|419|ole|bad belle|fool you|nonsense|yeye|mumu|no get shame|spoil your name|your yansh)\b",
        "French": r"\b(?:honte|honteu\w+|humili\w+|voleu\w+|vole|escrocs?|escroquerie|menteu\w+|malhonnete\w*|irresponsables?|mauvais payeurs?|fraudeu\w+|deshono\w+|reputation|publier votre|afficher votre|reseaux sociaux|tout le monde saura|votre nom sera)\b",
        "Twi": r"\b(?:aniwu|animguase\w{0,2}|gu w'? ?anim ase|[ɔo]?kr?ɔ+mfo[ɔo]?|kronfo[ɔo]?|akorɔmfo[ɔo]?|ɔtorofo[ɔo]?|torofo[ɔo]?|kwasea|gyimifo[ɔo]?)\b",
        "Ga": r"\b(?:hiɛgbele|hiegbele|jul[ɔo]i?|amalel[ɔo]|kwasia)\b",
        "Ewe": r"\b(?:ŋukpe\w{0,6}|fiafit[ɔo]\w{0,3}|aʋatsokal[ɔa]|alakpal[ɔa]\w{0,2}|bometsila|movidala)\b",
        "Hausa": r"\b(?:kunya|abin kunya|tozarta\w{0,2}|wulakanta\w{0,3}|[ɓb]arawo|[ɓb]arauniya|[ɓb]arayi|mazambac\w{1,2}|[ɗd]an ?damfara|ma[ƙk]aryac\w{1,3}|wawa)\b",
    },
    "third_party": {
        "English": rf"\b{_YOUR} (?:\w{{1,15}} )?{_PEOPLE}\b|\b(?:tell|inform|notify|alert|involve) (?:(?:the|all|other) ){{0,2}}{_ALL}\b",
        "Pidgin": r"\b(?:your people dem|your family dem|your oga|tell your (?:mama|papa|wife|husband|people))\b",
        "French": r"\b(?:votre|vos|ta|ton|tes|son|sa|ses) (?:famille|femme|epouse|epoux|mari|conjointe?|mere|pere|parents|proches|enfants?|freres?|soeurs?|amis?|voisins?|patronn?e?|employeu\w+|collegues?|chef|pasteur|imam|garants?|contacts?|entourage|quartier|lieu de travail|bureau)\b",
        "Twi": r"\b(?:w'? ?abusua\w{0,5}|wo yere|wo kunu|wo maame|wo papa|wo na|wo nuanom|wo nnamfo(?:nom)?|w'? ?adamfo[ɔo]?|w'? ?adwumawura|wo wura|wo fiefo[ɔo]?|wo mma|wo sɔfo[ɔo]?)\b",
        "Ga": r"\b(?:oweku|o-weku|oŋa|onanemɛi|onyɛmimɛi|onitsumɔhe|oshikpɔŋtsɛ)\b",
        "Ewe": r"\b(?:wo ƒome\w{0,5}|ƒometɔwo|wo srɔ|srɔwo|srɔ wo|xɔwo|xɔlɔ ?wo\w{0,4}|dziwolawo|dɔwɔƒe|amegawo)\b",
        "Hausa": r"\b(?:iyalin?k[aiu]|iyalank[aiu]|danginku|dangink[ai]|matark[au]|mijink[iu]|mahaifin?k[aiu]|mahaifiyark[aiu]|abokan(?:ka|ki|ku)|abokank[aiu]|ma[ƙk]wab(?:ta|tan)k[aiu]|maigidank[aiu]|shugaban aikin?k[aiu]|wurin aikin?k[aiu])\b",
    },
    "new_cost": {
        "English": r"\b(?:penalt(?:y|ies)|late fees?|late charges?|surcharges?|fined|fine of|a fine\b|(?:charge|add|attract|pay|plus|with) (?:\w{1,12} )?(?:interest|extra|fees?)|interest (?:will|of|rate|at|charges?))\b",
        "French": r"\b(?:penalites?|frais (?:de retard|supplementaires|additionnels)|majorations?|interets? (?:de retard|moratoires|supplementaires)|amendes?)\b",
        "Hausa": r"\b(?:tarar?|cin tara|kudin ruwa|ku[ɗd]in ruwa)\b",
    },
}
RULES = {
    rule: [(language, re.compile(pattern)) for language, pattern in lists.items()]
    for rule, lists in _RULES.items()
}
WORDS = {
    "threat": "it threatens or speaks of police, law or force",
    "shaming": "it shames or insults",
    "third_party": "it brings in other people",
    "new_cost": "it adds a cost that was not given",
}


@dataclass(frozen=True)
class Breach:
    """`words` as they were found, in lower case without accents."""

    rule: str
    words: str

    def __str__(self) -> str:
        return f"{WORDS[self.rule]} ({self.words}); write it without"


def breaches(text: str) -> list[Breach]:
    """What a text about a debt must not say: the first words found by each rule."""
    seen = plain_words(text.replace("\u2019", "'"))
    found = []
    for rule, patterns in RULES.items():
        match = next((m for _, pattern in patterns if (m := pattern.search(seen))), None)
        if match:
            found.append(Breach(rule, match.group()))
    return found
