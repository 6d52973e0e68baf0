"""The sanitiser on ordinary text, beside one look at each of its words."""

import re
import time
from collections.abc import Callable
from pathlib import Path

from ai_features.privacy.sanitise import sanitise

from .report import add

DOCUMENTS = Path(__file__).resolve().parents[2] / "docs"
NAMES = ["Ama Serwaa", "Kofi Mensah", "0244123456"]
GHANAIAN = "Maame Yaa de GHS 250 baeɛ, 20/11/2026; frɛ no wɔ 024 412 3456 anwummerɛ. " * 1000
FIGURES = " ".join(
    f"{i * 37 % 900} {i * 91 % 5000}.{i % 100:02} 2026-{i % 12 + 1:02} INV-{i:05}" for i in range(3000)
)


def test_a_kilobyte_takes_a_millisecond() -> None:
    prose = "\n".join(path.read_text(encoding="utf-8") for path in sorted(DOCUMENTS.glob("*.md")))
    for name, text in {"prose": prose, "Twi with numbers": GHANAIAN, "figures only": FIGURES}.items():
        words = _per_kilobyte(lambda text: re.findall(r"\w+", text), text)
        ours = _per_kilobyte(lambda text: sanitise(text, NAMES), text)
        holds = ours <= 1
        add(
            f"sanitiser, {name}",
            "its words",
            ours=ours,
            theirs=words,
            bar="<= 1 ms",
            holds=holds,
            unit="ms/kB",
        )
        assert ours < 100 * words


def _per_kilobyte(work: Callable[[str], object], text: str) -> float:
    """Milliseconds of processor time, the best of five."""
    taken = []
    for _ in range(5):
        started = time.thread_time()
        work(text)
        taken.append(time.thread_time() - started)
    return min(taken) * 1000 / (len(text.encode()) / 1024)
