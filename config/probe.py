"""`python -m config.probe [path]`: asks this container's own web server; exit code 0 when it answers 200.

The request names a host of ALLOWED_HOSTS, because Django refuses all others.
"""

import os
import sys
import urllib.error
import urllib.request


def main() -> int:
    path = sys.argv[1] if len(sys.argv) > 1 else "/healthz"
    host = os.environ.get("ALLOWED_HOSTS", "localhost").split(",")[0].strip().lstrip(".")
    request = urllib.request.Request(f"http://127.0.0.1:{os.environ.get('PORT', '8000')}{path}")
    request.add_header("Host", host)
    try:
        with urllib.request.urlopen(request, timeout=5) as response:  # noqa: S310 — our own address
            print(response.read().decode())  # noqa: T201 — shown by `docker inspect`
            return 0
    except urllib.error.HTTPError as error:
        print(error.code, error.read().decode("utf-8", "replace"))  # noqa: T201
    except OSError as error:
        print(error)  # noqa: T201
    return 1


if __name__ == "__main__":
    sys.exit(main())
