"""Groups short texts that ask the same, without a model: pure, and the same for the same texts.

Each text is the set of its words that count (`support_chat.words`: no filler, one name for a thing in any
language). A word weighs log(1 + N ÷ n) where n of N texts have it (inverse document frequency: Sparck Jones
1972, J. Documentation 28); texts are alike by the cosine of their weights (Salton and Buckley 1988,
Information Processing & Management 24). Leader clustering (Hartigan 1975, Clustering Algorithms, ch. 3): the
commonest wording comes first; each text joins the leader that it is most alike, or leads a group of its own.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

Words = frozenset[str]

ALIKE = 0.5  # cosine from which on two texts ask the same
MOST_WORDS = 8  # of a text that are compared, the rarest first: a bound for the work


@dataclass(frozen=True, kw_only=True)
class Cluster:
    """Places of the texts in what was given, and the words of the most typical of them."""

    members: list[int]
    typical: Words


@dataclass(kw_only=True)
class _Group:
    words: list[Words]
    members: list[int]


def clusters(texts: Sequence[Words]) -> list[Cluster]:
    """The groups, the largest first. Texts without words are in none.

    Depends on which texts there are, not on their order. With n different texts of at most 8 words and g
    groups the work is below 8 n g, and near n where texts share few words.
    """
    places: dict[Words, list[int]] = defaultdict(list)
    for place, words in enumerate(texts):
        if words:
            places[words].append(place)
    rarity = _rarity(texts)
    vectors = {words: _vector(words, rarity) for words in places}
    commonest_first = sorted(places, key=lambda words: (-len(places[words]), len(words), sorted(words)))
    groups = _gather(commonest_first, vectors, places)
    found = [
        Cluster(members=sorted(group.members), typical=_typical(group, vectors, places)) for group in groups
    ]
    return sorted(found, key=lambda one: (-len(one.members), sorted(one.typical)))


def _rarity(texts: Sequence[Words]) -> dict[str, float]:
    having = Counter(word for words in texts for word in words)
    return {word: math.log(1 + len(texts) / count) for word, count in having.items()}


def _vector(words: Words, rarity: dict[str, float]) -> dict[str, float]:
    """Weights of the rarest words, of length 1 together."""
    kept = sorted(words, key=lambda word: (-rarity[word], word))[:MOST_WORDS]
    length = math.sqrt(math.fsum(rarity[word] ** 2 for word in kept))
    return {word: rarity[word] / length for word in kept}


def _gather(
    ordered: list[Words], vectors: dict[Words, dict[str, float]], places: dict[Words, list[int]]
) -> list[_Group]:
    groups: list[_Group] = []
    leading: dict[str, list[tuple[int, float]]] = defaultdict(list)  # word → groups whose leader has it
    for words in ordered:
        likeness: dict[int, float] = defaultdict(float)
        for word, weight in vectors[words].items():
            for number, leader_weight in leading[word]:
                likeness[number] += weight * leader_weight
        alike = [(-round(how, 9), number) for number, how in likeness.items() if how >= ALIKE]
        if alike:
            best = groups[min(alike)[1]]
            best.words.append(words)
            best.members += places[words]
            continue
        for word, weight in vectors[words].items():
            leading[word].append((len(groups), weight))
        groups.append(_Group(words=[words], members=list(places[words])))
    return groups


def _typical(group: _Group, vectors: dict[Words, dict[str, float]], places: dict[Words, list[int]]) -> Words:
    """The wording that is most alike all others together; of equals the commoner, then the shorter."""
    centre: dict[str, float] = defaultdict(float)
    for words in group.words:
        for word, weight in vectors[words].items():
            centre[word] += weight * len(places[words])

    def rank(words: Words) -> tuple[float, int, int, list[str]]:
        near = math.fsum(weight * centre[word] for word, weight in vectors[words].items())
        return -round(near, 9), -len(places[words]), len(words), sorted(words)

    return min(group.words, key=rank)
