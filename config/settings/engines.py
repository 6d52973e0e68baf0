"""What every command of one checkout must find by itself: its embedded engines, and a running `manage.py up`.

The engines use Unix sockets in a short folder made from the data folder's path: no port can be taken, two
checkouts never meet, and the path stays below the 103 characters a socket may have on macOS.
"""

import fcntl
import hashlib
import json
import os
from contextlib import suppress
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


def lock_file(data: Path) -> Path:
    """Locked by `manage.py up` while it runs; its text is the addresses, as environment variables in JSON."""
    return data / "up.lock"


def adopt_addresses(data: Path) -> None:
    """Sets the environment variables a running `manage.py up` gave its own processes, where they are unset.

    So a command in another terminal reaches this checkout's web server and sandbox, whichever ports they got.
    """
    with suppress(OSError, ValueError), lock_file(data).open() as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            for name, value in json.load(file)["environment"].items():
                os.environ.setdefault(name, value)
