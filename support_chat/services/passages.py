"""Cuts an article into passages: at its headings, and a long part between paragraphs."""

import re

MOST = 1_200  # characters; about 300 tokens
_HEADING = re.compile(r"^(?=#{1,6} )", re.MULTILINE)


def split(body: str) -> list[str]:
    """Passages of about 1,200 characters at most, in order; nothing is lost. A paragraph stays whole."""
    passages: list[str] = []
    for part in (one.strip() for one in _HEADING.split(body)):
        for paragraph in re.split(r"\n\s*\n", part) if len(part) > MOST else [part]:
            # A heading goes with what it is above; short parts are joined.
            if passages and len(passages[-1]) + len(paragraph) + 2 <= MOST:
                passages[-1] = f"{passages[-1]}\n\n{paragraph}"
            elif paragraph:
                passages.append(paragraph)
    return [passage.strip() for passage in passages]
