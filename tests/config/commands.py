"""`manage.py …` as a process of its own, with an environment of its own."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

PRODUCTION = {
    "SIKA_ENV": "production",
    "SECRET_KEY": "k3PzqV7wXn9TtR2mYc8LbH5sJd6GfA4eUo1iWx0vQzNpBrSyEaMhCgKjDlFt",
    "FIELD_ENCRYPTION_KEYS": "c2VjcmV0LW9mLW5vYm9keS0wMDAwMDAwMDAwMDAwMDA=",
    "IDENTITY_HASH_KEY": "j8Wd2nPq5Rv9Xb3Lm6Ty",
    "SIKA_PUBLIC_URL": "https://shop.example",
    "ALLOWED_HOSTS": "shop.example",
    "DATABASE_URL": "postgresql://sika:secret-of-the-database@db.invalid:5432/sika",
    "REDIS_URL": "redis://redis.invalid:6379",
    "PAYSTACK_SECRET_KEY": "sk_live_secret_of_paystack",
    "SELLER_TIN": "C0001234567",
    "OPENAI_API_KEY": "sk-secret-of-openai",
}


def manage(*arguments: str, environment: dict[str, str]) -> "subprocess.CompletedProcess[str]":
    return run("manage.py", *arguments, environment=environment)


def run(*arguments: str, environment: dict[str, str]) -> "subprocess.CompletedProcess[str]":
    """Python, with warnings as errors. Of this process's environment only PATH and the like are passed on."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ}
    return subprocess.run(
        [sys.executable, "-W", "error", *arguments],
        cwd=ROOT,
        env={**kept, **environment},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
