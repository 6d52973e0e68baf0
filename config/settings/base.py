"""Settings every environment shares. What differs, and every secret, comes from the environment."""

import operator
import os
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

from config.settings import services, values
from config.settings.api import REST_FRAMEWORK as REST_FRAMEWORK
from config.settings.api import SPECTACULAR_SETTINGS as SPECTACULAR_SETTINGS
from config.settings.schedule import CELERY_BEAT_SCHEDULE as CELERY_BEAT_SCHEDULE

BASE_DIR = Path(__file__).resolve().parents[2]


def env(name: str, default: str = "") -> str:
    """The variable; one that is set to nothing counts as not set."""
    return os.environ.get(name, "").strip() or default


def env_list(name: str, default: str = "") -> list[str]:
    return [part.strip() for part in env(name, default).split(",") if part.strip()]


def env_datetime(name: str) -> datetime | None:
    value = env(name)
    if not value:
        return None
    moment = datetime.fromisoformat(value)
    if moment.tzinfo is None:
        raise ImproperlyConfigured(f"{name} needs an offset, e.g. 2027-01-31T09:00:00+00:00")
    return moment


SIKA_ENV = env("SIKA_ENV", "local")
DEBUG = False
ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
AUTH_USER_MODEL = "accounts.User"
SITE_NAME = "Sika"
PUBLIC_URL = env("SIKA_PUBLIC_URL", "http://127.0.0.1:8000")

INSTALLED_APPS = [
    "unfold.apps.BasicAppConfig",
    "accounts.admin_site.AdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "allauth",
    "allauth.account",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "allauth.mfa",
    "allauth.headless",
    "allauth.usersessions",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "config.core",
    "accounts",
    "payments",
    "subscriptions",
    "ai_features",
    "support_chat",
    "config",
]

MIDDLEWARE = [
    "config.core.logging.RequestLog",
    "config.core.metrics.RequestMetrics",
    "django.middleware.security.SecurityMiddleware",
    "config.core.security_headers.ContentSecurityPolicy",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "config.core.middleware.EitherSlash",
    "config.core.middleware.SignInBody",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
]
APPEND_SLASH = False

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "config" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    }
]

# --- database -------------------------------------------------------------------------------------------
DATABASE_OPTIONS = {
    "pool": {"min_size": 1, "max_size": int(env("DATABASE_POOL", "16")), "timeout": 10},
    # A lock that can't be had in time is an error the caller can repeat (503 busy), not a hanging request.
    "options": "-c lock_timeout=5s -c statement_timeout=30s -c idle_in_transaction_session_timeout=30s",
}
CONN_MAX_AGE = 0
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
ATOMIC_REQUESTS = False

# --- signing in -----------------------------------------------------------------------------------------
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
SESSION_ENGINE = "django.contrib.sessions.backends.cached_db"
SESSION_CACHE_ALIAS = "sessions"
SESSION_COOKIE_AGE = int(timedelta(days=30).total_seconds())
LOGIN_REDIRECT_URL = "/admin/"  # the only pages of ours with a sign-in form
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_ADAPTER = "accounts.adapter.AccountAdapter"
ACCOUNT_SIGNUP_FORM_CLASS = "accounts.forms.SignUpForm"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_USER_DISPLAY = operator.methodcaller("get_full_name")
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_DEFAULT_HTTP_PROTOCOL = PUBLIC_URL.partition(":")[0]
ACCOUNT_EMAIL_VERIFICATION = env("ACCOUNT_EMAIL_VERIFICATION", "optional")
HEADLESS_ONLY = True
HEADLESS_CLIENTS = ("app", "browser")
HEADLESS_SERVE_SPECIFICATION = True
HEADLESS_SPECIFICATION_TEMPLATE_NAME = None  # its page would load scripts from elsewhere; /api/docs/ shows it
HEADLESS_TOKEN_STRATEGY = "allauth.headless.tokens.strategies.jwt.JWTTokenStrategy"  # noqa: S105
HEADLESS_JWT_ALGORITHM = "HS256"
# Revoking a device takes effect at once, at the price of one look-up per call (the session is cached).
HEADLESS_JWT_STATEFUL_VALIDATION_ENABLED = True
HEADLESS_JWT_ACCESS_TOKEN_EXPIRES_IN = 900
HEADLESS_JWT_REFRESH_TOKEN_EXPIRES_IN = SESSION_COOKIE_AGE
HEADLESS_FRONTEND_URLS = {
    "account_confirm_email": f"{PUBLIC_URL}/app/verify-email/{{key}}",
    "account_reset_password_from_key": f"{PUBLIC_URL}/app/reset-password/{{key}}",
    "account_signup": f"{PUBLIC_URL}/app/sign-up",
    "socialaccount_login_error": f"{PUBLIC_URL}/app/sign-in",  # allauth adds ?error=…
}
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = SITE_NAME
ADMIN_REQUIRE_MFA = env("ADMIN_REQUIRE_MFA") == "1"
UNFOLD = {"SITE_TITLE": SITE_NAME, "SITE_HEADER": SITE_NAME, "SITE_URL": "/api/docs/"}

# --- API ------------------------------------------------------------------------------------------------
CSRF_FAILURE_VIEW = "config.core.error_views.csrf_failure"
DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
RATE_LIMITS = {
    "user": env("RATE_LIMIT_USER", "120/minute"),
    "key": env("RATE_LIMIT_KEY", "600/minute"),
    "anonymous": env("RATE_LIMIT_ANONYMOUS", "60/minute"),  # by address
    "ai": env("RATE_LIMIT_AI", "240/minute"),  # by member, AI calls alone
    "new_business": "10/day",
    "guest": "20/minute",  # chatting without an account, by guest
    "guest_address": env("RATE_LIMIT_GUEST_ADDRESS", "600/hour"),  # a mobile network's customers share one
    "guest_token": "120/hour",  # by address
    "admin_sign_in": "10/5 minutes",
}
# How many proxies of ours stand before the web process; only so many entries of X-Forwarded-For are believed.
TRUSTED_PROXIES = int(env("TRUSTED_PROXIES", "0"))
ALLAUTH_TRUSTED_PROXY_COUNT = TRUSTED_PROXIES

# --- cache, queue ---------------------------------------------------------------------------------------
# REDIS_URL names the server; broker, cache, limits and chat streams each have a database of their own on it.
REDIS_URL = env("REDIS_URL", "redis://127.0.0.1:6379")
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_SOFT_TIME_LIMIT = 100
CELERY_TASK_TIME_LIMIT = 120
# Longer than the hard limit, so a task is not given out again while it still runs.
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 180,
    "unacked_restore_interval": 5,
    "unacked_restore_throttle": 1,
    "socket_keepalive": True,
    "queue_order_strategy": "priority",  # the chat's worker empties its first queue before the second
}
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ROUTES = {"support_chat.tasks.write_reply": {"queue": "chat"}}  # or chat_priority, by licence
CELERY_TIMEZONE = "UTC"
CELERY_WORKER_HIJACK_ROOT_LOGGER = False

# --- place and time -------------------------------------------------------------------------------------
LANGUAGE_CODE = "en-gb"
TIME_ZONE = "UTC"
PLATFORM_TIME_ZONE = "Africa/Accra"  # whose days and months API tiers count
USE_I18N = True
USE_TZ = True
STATIC_URL = "/static/"
STATIC_ROOT: Path | None = BASE_DIR / "staticfiles"
EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"
EMAIL_TIMEOUT = 10
# Who is told when money needs a person: disputes, refunds that hang, dead letters.
OPS_EMAILS = env_list("OPS_EMAILS")
OPS_SLACK_WEBHOOK_URL = env("OPS_SLACK_WEBHOOK_URL")
# Customers may name a server of this machine for their alerts: where a developer plays all parts.
ALERT_WEBHOOKS_ON_LOOPBACK = False
DEFAULT_FROM_EMAIL = env("DEFAULT_FROM_EMAIL", "Sika <no-reply@sika.example>")

# --- the product ----------------------------------------------------------------------------------------
MARKET = env("SIKA_MARKET", "pos")  # config/catalogue/<market>.toml
CATALOGUE_CACHE_SECONDS = 30
# What model providers may cost us in a month; a day above 80% of its thirtieth is told. 0: no such alert.
PLATFORM_MONTHLY_COST_BUDGET_USD = Decimal(env("PLATFORM_MONTHLY_COST_BUDGET_USD", "0"))
HOLD_LEASE = timedelta(minutes=15)

# Hashes identities that had the free trial; changing it would let everybody have it again.
IDENTITY_HASH_KEY = env("IDENTITY_HASH_KEY", "local-only-not-a-secret")

# Who sells, as printed on receipts issued from now on.
SELLER_NAME = env("SELLER_NAME", SITE_NAME)
SELLER_TIN = env("SELLER_TIN")
SELLER_ADDRESS = env("SELLER_ADDRESS")

PAYSTACK_BASE_URL = env("PAYSTACK_BASE_URL", "https://api.paystack.co")
PAYSTACK_SECRET_KEY = env("PAYSTACK_SECRET_KEY")
# After a change of keys, webhooks signed with the previous one count for 72 h from this moment (ISO 8601).
PAYSTACK_PREVIOUS_SECRET_KEY = env("PAYSTACK_PREVIOUS_SECRET_KEY")
PAYSTACK_KEY_ROTATED_AT = env_datetime("PAYSTACK_KEY_ROTATED_AT")
PAYSTACK_READ_SECONDS = float(env("PAYSTACK_READ_SECONDS", "30"))
# Empty: webhooks may come from anywhere; they are signed.
PAYSTACK_WEBHOOK_IPS = env_list("PAYSTACK_WEBHOOK_IPS")
PAYMENT_METHODS = env_list("PAYMENT_METHODS", "MOMO,PAYSTACK")

# Cards from abroad: off unless both secrets are set and PAYMENT_METHODS has STRIPE.
STRIPE_BASE_URL = env("STRIPE_BASE_URL", "https://api.stripe.com")
STRIPE_SECRET_KEY = env("STRIPE_SECRET_KEY")
STRIPE_WEBHOOK_SECRET = env("STRIPE_WEBHOOK_SECRET")
STRIPE_PREVIOUS_WEBHOOK_SECRET = env("STRIPE_PREVIOUS_WEBHOOK_SECRET")
STRIPE_WEBHOOK_ROTATED_AT = env_datetime("STRIPE_WEBHOOK_ROTATED_AT")
STRIPE_READ_SECONDS = float(env("STRIPE_READ_SECONDS", "30"))

# Card codes are encrypted with the first; the others still decrypt what was sealed with them.
FIELD_ENCRYPTION_KEYS = env_list("FIELD_ENCRYPTION_KEYS", "bG9jYWwtb25seS1ub3QtYS1zZWNyZXQtMDAwMDAwMDA=")

AI_PROVIDERS = services.ai_providers(env_list("AI_PROVIDERS", "openai"), env)
AI_TIMEOUT_SECONDS = float(env("AI_TIMEOUT_SECONDS", "30"))
# What a reply of the support chat may cost, and what is told of the conversation before it.
CHAT_MAX_OUTPUT_TOKENS = 1000
# What all replies of a day may cost the house; from there on the chat answers without a model. 0: no limit.
CHAT_DAILY_COST_USD = Decimal(env("CHAT_DAILY_COST_USD", "25"))
CHAT_CONTEXT_TOKENS = 1500
CHAT_CONTEXT_MESSAGES = 40
CHAT_FAILURES_TO_STAFF = 3  # answers that fail in a row before a person is asked
# How long a caller without a stream waits for the reply, and how long a stream stays open.
CHAT_WAIT_SECONDS = float(env("CHAT_WAIT_SECONDS", "25"))
CHAT_STREAM_SECONDS = float(env("CHAT_STREAM_SECONDS", "300"))
# The largest file that is taken, how many of them one person may upload in 24 hours, and what is told of all
# the files of a conversation at most.
CHAT_UPLOAD_BYTES = int(env("CHAT_UPLOAD_MB", "5")) * 1024 * 1024
CHAT_UPLOADS_PER_DAY = 50
CHAT_ATTACHMENT_TOKENS = 3000
# How long what the AI was asked and answered is kept, and what the gateways told us.
# A cached answer names the request that it repeats for a day, so two days are the least.
AI_RETENTION_DAYS = values.at_least(2, "AI_RETENTION_DAYS", env("AI_RETENTION_DAYS", "90"))
WEBHOOK_RETENTION_MONTHS = values.at_least(
    1, "WEBHOOK_RETENTION_MONTHS", env("WEBHOOK_RETENTION_MONTHS", "13")
)
# How long conversations are kept after their last message: members', and guests'.
CHAT_RETENTION_MONTHS = values.at_least(1, "CHAT_RETENTION_MONTHS", env("CHAT_RETENTION_MONTHS", "24"))
CHAT_GUEST_RETENTION_DAYS = values.at_least(
    1, "CHAT_GUEST_RETENTION_DAYS", env("CHAT_GUEST_RETENTION_DAYS", "90")
)
# What Prometheus says to be told /metrics; empty: there is no such page.
METRICS_TOKEN = env("METRICS_TOKEN")
# {"base": "USD", "rates": {"GHS": 15.9}}, read once a day; empty: rates are set by hand.
FX_SOURCE_URL = values.source("FX_SOURCE_URL", env("FX_SOURCE_URL"))
# What must be left of a call's revenue after its predicted cost; a model that leaves less is not asked.
MARGIN_FLOOR = values.share("MARGIN_FLOOR", env("MARGIN_FLOOR", "0.40"))
# Rule=mode pairs that differ from ai_features/privacy/injection_rules.py: block, redact or flag.
INJECTION_MODES = values.pairs("INJECTION_MODES", env("INJECTION_MODES"))
