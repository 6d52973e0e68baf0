"""Cuts a text that still arrives into sentences, so that each can be checked before anybody sees it."""

import re

# After a full stop, question mark or line break; not after the number of a list item or inside 2.50.
_END = re.compile(r"(?<=[.!?…])[\"'\u201d\u2019)\]*_]*\s+|\n+")
_ITEM = re.compile(r"\s*(?:[-*•]|\(?\d{1,2}[.)])\s*$")
_LONGEST = 600


class Sentences:
    """`feed` and `rest` give whole sentences with the blanks that follow them; together they are the text."""

    def __init__(self) -> None:
        self._waiting = ""

    def feed(self, piece: str) -> list[str]:
        self._waiting += piece
        done: list[str] = []
        start = 0
        for match in _END.finditer(self._waiting):
            if match.end() == len(self._waiting):
                break  # more blanks, or the other quotation mark, may follow
            if _ITEM.fullmatch(self._waiting[start : match.start()]) and "\n" not in match.group():
                continue
            done.append(self._waiting[start : match.end()])
            start = match.end()
        self._waiting = self._waiting[start:]
        while len(self._waiting) > _LONGEST:  # nobody's sentence; a blank is the least harmful place
            at = self._waiting.rfind(" ", 0, _LONGEST) + 1 or _LONGEST
            done.append(self._waiting[:at])
            self._waiting = self._waiting[at:]
        return done

    def rest(self) -> list[str]:
        rest, self._waiting = self._waiting, ""
        return [rest] if rest else []
