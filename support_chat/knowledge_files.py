"""Reads the articles and answers that ship: Markdown with TOML front matter, and one TOML file."""

import hashlib
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "knowledge"
_FENCE = "+++\n"
_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_ARTICLE = {"title": 120, "title_fr": 120, "summary_fr": 2_000}
_ANSWER = {"en": 1_500, "fr": 1_500, "tw": 1_500}
MOST_OF_BODY, MOST_OF_QUESTION = 12_000, 300


class UnreadableKnowledge(Exception):
    """`problems` names each place and what is wrong there."""

    def __init__(self, problems: list[str]) -> None:
        self.problems = problems
        super().__init__("\n".join(problems))


@dataclass(frozen=True, kw_only=True)
class Shipped:
    """One article or answer as its file has it: the values of its model's fields, and a hash of them all."""

    slug: str
    values: dict[str, str]
    hash: str


def articles(folder: Path) -> list[Shipped]:
    """Every `*.md` of the folder. Raises UnreadableKnowledge, with every problem of every file."""
    problems: list[str] = []
    found = [_article(path, problems) for path in sorted(folder.glob("*.md"))]
    if not found:
        problems.append(f"{folder} has no articles")
    return _checked([one for one in found if one], problems)


def answers(folder: Path) -> list[Shipped]:
    """Every table of `answers.toml`. Raises UnreadableKnowledge."""
    path, problems = folder / "answers.toml", list[str]()
    try:
        tables = tomllib.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise UnreadableKnowledge([f"{path.name}: {error}"]) from None
    found = []
    for slug, table in tables.items():
        wrong = [f"answers.toml: [{slug}] {problem}" for problem in _answer_problems(slug, table)]
        problems += wrong
        if not wrong:
            values = {f"text_{language}": _text(table[language]) for language in _ANSWER}
            values |= {"triggers": "\n".join(table["triggers"]), "article": table.get("article", "")}
            found.append(_shipped(slug, values))
    return _checked(found, problems)


def _checked(found: list[Shipped], problems: list[str]) -> list[Shipped]:
    if problems:
        raise UnreadableKnowledge(problems)
    return found


def _article(path: Path, problems: list[str]) -> Shipped | None:
    try:
        text = path.read_text("utf-8")
        start, front, body = text.split(_FENCE, 2)
        if start:
            raise ValueError("must begin with +++")
        matter = tomllib.loads(front)
    except (OSError, ValueError) as error:
        problems.append(f"{path.name}: no front matter between two lines of +++ ({error})")
        return None
    wrong = [f"{path.name}: {problem}" for problem in _article_problems(path.stem, matter, body)]
    problems += wrong
    if wrong:
        return None
    values = {name: _text(matter[name]) for name in _ARTICLE}
    asked = [question for many in matter["questions"].values() for question in many]
    return _shipped(path.stem, values | {"body": body.strip(), "questions": "\n".join(asked)})


def _article_problems(slug: str, matter: dict[str, Any], body: str) -> Iterator[str]:
    yield from _common_problems(slug, matter, _ARTICLE, {*_ARTICLE, "questions"})
    if not 0 < len(body.strip()) <= MOST_OF_BODY:
        yield f"its text must have 1 to {MOST_OF_BODY} characters"
    questions = matter.get("questions")
    if not isinstance(questions, dict) or not questions.get("en") or not questions.get("fr"):
        yield "[questions] needs at least `en` and `fr`, each a list"
        return
    for language, many in questions.items():
        yield from _list_problems(f"questions.{language}", many)


def _answer_problems(slug: str, table: Any) -> Iterator[str]:
    if not isinstance(table, dict):
        yield "must be a table"
        return
    yield from _common_problems(slug, table, _ANSWER, {*_ANSWER, "triggers", "article"})
    yield from _list_problems("triggers", table.get("triggers"))


def _common_problems(
    slug: str, table: dict[str, Any], needed: dict[str, int], allowed: set[str]
) -> Iterator[str]:
    if not _SLUG.fullmatch(slug):
        yield "its name may have small letters, digits and single dashes"
    for name, most in needed.items():
        value = table.get(name)
        if not isinstance(value, str) or not 0 < len(value.strip()) <= most:
            yield f"`{name}` must be a text of 1 to {most} characters"
    for name in table.keys() - allowed:
        yield f"`{name}` is not known"


def _list_problems(name: str, many: Any) -> Iterator[str]:
    if not isinstance(many, list) or not many:
        yield f"`{name}` must be a list of texts"
        return
    for one in many:
        if not isinstance(one, str) or not 0 < len(one) <= MOST_OF_QUESTION or "\n" in one:
            yield f"`{name}` has a line that is not a text of 1 to {MOST_OF_QUESTION} characters: {one!r}"


def _text(value: str) -> str:
    return value.strip()


def _shipped(slug: str, values: dict[str, str]) -> Shipped:
    whole = "\0".join(f"{name}={values[name]}" for name in sorted(values))
    return Shipped(slug=slug, values=values, hash=hashlib.sha256(whole.encode()).hexdigest())
