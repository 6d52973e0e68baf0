"""Where the embedded PostgreSQL and Valkey of one checkout listen, so that every command finds them.

Both use Unix sockets in a short folder made from the data folder's path: no port can be taken, two checkouts
never meet, and the path stays below the 107 characters a socket may have.
"""

import hashlib
import os
from pathlib import Path

BASE_DIR = Path(__file__).resolve().parents[2]


def data_dir() -> Path:
    """The folder that survives restarts; SIKA_DATA_DIR moves it."""
    return Path(os.environ.get("SIKA_DATA_DIR") or BASE_DIR / "var").resolve()


def socket_dir(data: Path) -> Path:
    digest = hashlib.sha256(str(data).encode()).hexdigest()[:12]
    return Path("/tmp") / f"sika-{digest}"  # noqa: S108 — private to the user, see config/engines.py


def database_url(data: Path) -> str:
    return f"postgresql://postgres@/postgres?host={socket_dir(data)}"


def redis_url(data: Path) -> str:
    return f"unix://{socket_dir(data)}/valkey.sock"
