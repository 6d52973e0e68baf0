"""Production: everything from the environment, nothing assumed. `check --deploy` is clean."""

from django.core.exceptions import ImproperlyConfigured

from config.core import logging as sika_logging
from config.core import secret_text
from config.settings import services
from config.settings.base import *  # noqa: F403
from config.settings.base import AI_PROVIDERS, DATABASE_OPTIONS, env, env_list


def required(name: str) -> str:
    value = env(name)
    if not value:
        raise ImproperlyConfigured(f"set {name} in the environment; see .env.example")
    return value


SECRET_KEY = required("SECRET_KEY")
required("ALLOWED_HOSTS")
ALLOWED_HOSTS = env_list("ALLOWED_HOSTS")
CSRF_TRUSTED_ORIGINS = [required("SIKA_PUBLIC_URL")]
DATABASES = services.databases(required("DATABASE_URL"), DATABASE_OPTIONS)
REDIS_URL = required("REDIS_URL")
CACHES = services.caches(REDIS_URL)
CELERY_BROKER_URL = services.broker(REDIS_URL)
IDENTITY_HASH_KEY = required("IDENTITY_HASH_KEY")
required("FIELD_ENCRYPTION_KEYS")
FIELD_ENCRYPTION_KEYS = env_list("FIELD_ENCRYPTION_KEYS")
if not all(map(secret_text.is_key, FIELD_ENCRYPTION_KEYS)):
    raise ImproperlyConfigured("FIELD_ENCRYPTION_KEYS: each is 32 bytes in URL-safe base64; see .env.example")
SELLER_TIN = required("SELLER_TIN")
PAYSTACK_SECRET_KEY = required("PAYSTACK_SECRET_KEY")
for name in set(AI_PROVIDERS) & set(services.AI_COMPANIES):
    required(f"{name.upper()}_API_KEY")

SECURE_SSL_REDIRECT = True
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]  # probes come from inside, without TLS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_HSTS_SECONDS = 31_536_000
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_HSTS_PRELOAD = True
SESSION_COOKIE_SECURE = True
CSRF_COOKIE_SECURE = True
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
ADMIN_REQUIRE_MFA = env("ADMIN_REQUIRE_MFA", "1") == "1"
ACCOUNT_EMAIL_VERIFICATION = env("ACCOUNT_EMAIL_VERIFICATION", "mandatory")
EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
EMAIL_HOST = env("EMAIL_HOST", "localhost")
EMAIL_PORT = int(env("EMAIL_PORT", "587"))
EMAIL_HOST_USER = env("EMAIL_HOST_USER")
EMAIL_HOST_PASSWORD = env("EMAIL_HOST_PASSWORD")
EMAIL_USE_TLS = True
LOGGING = sika_logging.settings(pretty=False, level=env("LOG_LEVEL", "INFO"))
