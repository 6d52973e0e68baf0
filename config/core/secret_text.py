"""Text that is encrypted before it is stored (Fernet: AES-128-CBC with HMAC-SHA256)."""

from functools import lru_cache

from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings


def seal(text: str) -> str:
    """Encrypts with the newest key of `FIELD_ENCRYPTION_KEYS`."""
    return _box(tuple(settings.FIELD_ENCRYPTION_KEYS)).encrypt(text.encode()).decode()


def unseal(sealed: str) -> str:
    """Decrypts with whichever key it was sealed with. Raises cryptography's InvalidToken when none fits."""
    return _box(tuple(settings.FIELD_ENCRYPTION_KEYS)).decrypt(sealed.encode()).decode()


def reseal(sealed: str) -> str:
    """The same text under the newest key. Raises as `unseal`."""
    return _box(tuple(settings.FIELD_ENCRYPTION_KEYS)).rotate(sealed.encode()).decode()


def is_key(text: str) -> bool:
    """Whether it can be one of `FIELD_ENCRYPTION_KEYS`: 32 bytes in URL-safe base64."""
    try:
        Fernet(text)
    except ValueError:
        return False
    return True


@lru_cache(maxsize=4)
def _box(keys: tuple[str, ...]) -> MultiFernet:
    return MultiFernet([Fernet(key) for key in keys])
