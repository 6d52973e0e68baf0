"""A developer's machine: embedded engines unless the environment names others, the sandbox as partner."""

from config.core import logging as sika_logging
from config.settings import engines, services

DATA_DIR = engines.data_dir()
engines.adopt_addresses(DATA_DIR)  # before base reads them

from config.settings.base import *  # noqa: E402, F403
from config.settings.base import DATABASE_OPTIONS, env  # noqa: E402

DEBUG = env("DEBUG") == "1"
SECRET_KEY = env("SECRET_KEY", "local-only-not-a-secret-" + "0" * 40)
ALLOWED_HOSTS = ["127.0.0.1", "localhost", "[::1]", "testserver"]

DATABASES = services.databases(env("DATABASE_URL") or engines.database_url(DATA_DIR), DATABASE_OPTIONS)
REDIS_URL = env("REDIS_URL") or engines.redis_url(DATA_DIR)
CACHES = services.caches(REDIS_URL)
CELERY_BROKER_URL = services.broker(REDIS_URL)

SANDBOX_URL = env("SIKA_SANDBOX_URL", "http://127.0.0.1:8400")
PAYSTACK_BASE_URL = env("PAYSTACK_BASE_URL") or f"{SANDBOX_URL}/paystack"
PAYSTACK_SECRET_KEY = env("PAYSTACK_SECRET_KEY") or "sk_test_sandbox_not_a_real_key"
PAYSTACK_PREVIOUS_SECRET_KEY = env("PAYSTACK_PREVIOUS_SECRET_KEY")
AI_PROVIDERS = services.ai_sandboxes(SANDBOX_URL, env)
ALERT_WEBHOOKS_ON_LOOPBACK = True
METRICS_TOKEN = env("METRICS_TOKEN", "local-metrics-token")

LOGGING = sika_logging.settings(pretty=env("SIKA_LOG", "pretty") == "pretty", level=env("LOG_LEVEL", "INFO"))

# Straight from the packages: nothing is collected on a developer's machine.
STATIC_ROOT = None
WHITENOISE_USE_FINDERS = True
