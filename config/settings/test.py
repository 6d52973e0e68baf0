"""The tests: real engines that tests/conftest.py starts and names in the environment."""

from config.core import logging as sika_logging
from config.settings import services
from config.settings.base import *  # noqa: F403
from config.settings.base import DATABASE_OPTIONS, RATE_LIMITS, env

SECRET_KEY = "test-only-not-a-secret-" + "0" * 40
ALLOWED_HOSTS = ["testserver", "127.0.0.1", "localhost"]
# Thirty-two threads at once on a slow machine wait longer than any caller would.
PATIENT = {
    **DATABASE_OPTIONS,
    "options": str(DATABASE_OPTIONS["options"]).replace("=5s", "=25s"),
}
DATABASES = services.databases(env("DATABASE_URL"), PATIENT)
REDIS_URL = env("REDIS_URL", "unix:///nonexistent/valkey.sock")
CACHES = services.caches(REDIS_URL)
CELERY_BROKER_URL = services.broker(REDIS_URL)
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # speed only
# Out of the way of tests that call in parallel; the tests of the limits set their own.
RATE_LIMITS = {**RATE_LIMITS, "user": "10000/minute", "key": "10000/minute", "anonymous": "10000/minute"}
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"

SANDBOX_URL = env("SIKA_SANDBOX_URL", "http://127.0.0.1:1")
PAYSTACK_BASE_URL = f"{SANDBOX_URL}/paystack"
PAYSTACK_SECRET_KEY = "sk_test_sandbox_not_a_real_key"  # noqa: S105
AI_PROVIDERS = services.ai_sandboxes(SANDBOX_URL, lambda _: "")
ALERT_WEBHOOKS_ON_LOOPBACK = True
AI_TIMEOUT_SECONDS = 20.0  # a test of what comes too late sets a short one
CHAT_STREAM_SECONDS = 20.0  # a test that waits for nothing should fail, not hang
WHITENOISE_AUTOREFRESH = True  # no collected static files here, and no warning about it
LOGGING = sika_logging.settings(pretty=False, level="WARNING")
