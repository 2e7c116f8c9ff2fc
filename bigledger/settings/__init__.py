"""Django's settings, in sections. What the environment sets is in `environment.py`."""

from __future__ import annotations

from datetime import timedelta

from bigledger import broker, logs
from bigledger.api import cross_origin
from bigledger.backoffice import frame
from bigledger.identity.oauth import options
from bigledger.settings import keys
from bigledger.settings.databases import DATABASE_PASSWORDS, DATABASE_ROLES, DATABASES  # noqa: F401 - settings too
from bigledger.settings.environment import *  # noqa: F403 - every name of it is a setting
from bigledger.settings.environment import (
    BASE_DIR,
    BIGLEDGER_HOME,
    EMAIL_HOST,
    IS_SANDBOX,
    LOG_LEVEL,
    PUBLIC_URL,
    REDIS_URL,
    SECRET_KEY,
)

API_VERSION = "1.0.2"

DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# -- Django -----------------------------------------------------------------------------------------------

DEBUG = False
APPEND_SLASH = False  # a POST must never be redirected
ROOT_URLCONF = "bigledger.urls"
WSGI_APPLICATION = "bigledger.wsgi.application"
ASGI_APPLICATION = "bigledger.asgi.application"
AUTH_USER_MODEL = "access.User"
LANGUAGE_CODE = "en-us"
TIME_ZONE = "UTC"
USE_TZ = True
STATIC_URL = "/static/"
STATIC_ROOT = BIGLEDGER_HOME / "static"
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False
MEDIA_ROOT = BIGLEDGER_HOME / "files"
FILE_UPLOAD_PERMISSIONS, FILE_UPLOAD_DIRECTORY_PERMISSIONS = 0o600, 0o700
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 12_000  # an entry of 1,000 lines on a page of the back office
SESSION_ENGINE = "bigledger.access.session_store"
PASSWORD_RESET_TIMEOUT = 3600  # seconds
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = not IS_SANDBOX
# Security headers, HTTPS and proxies are FrontMiddleware's and TRUSTED_PROXIES' (docs/adr/0066).
SILENCED_SYSTEM_CHECKS = ["security.W001", "security.W002", "security.W004", "security.W008"]

INSTALLED_APPS = [
    "unfold.apps.BasicAppConfig",
    "unfold.contrib.filters",
    "bigledger.access.apps.BackOfficeConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.staticfiles",
    "corsheaders",
    "django_otp",
    "django_ratelimit",
    "oauth2_provider",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "bigledger",
    "bigledger.tenants",
    "bigledger.access.apps.AccessConfig",
    "bigledger.events",
    "bigledger.api",
    "bigledger.mail.apps.MailConfig",
    "bigledger.identity",
    "bigledger.sandbox",
    "bigledger.backoffice",
    "bigledger.docs",
    "ledger",
    "webhooks",
    "customers",
    "invoicing",
    "dashboard",
]

MIDDLEWARE = [
    "bigledger.api.front.FrontMiddleware",
    "bigledger.api.compression.CompressionMiddleware",
    "bigledger.api.middleware.CrossOriginMiddleware",
    "bigledger.api.middleware.ApiMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django_otp.middleware.OTPMiddleware",
    "bigledger.backoffice.middleware.AdminTenantMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        # Pages of unfold and Django that ours extend under the same name.
        "DIRS": [BASE_DIR / "bigledger" / "backoffice" / "overrides"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]

_HASHERS = ("django.contrib.auth.hashers.PBKDF2PasswordHasher", "bigledger.access.hashers.RandomSecretHasher")
PASSWORD_HASHERS = list(_HASHERS)
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("UserAttributeSimilarityValidator", "CommonPasswordValidator", "NumericPasswordValidator")
] + [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    }
]

# -- admin ------------------------------------------------------------------------------------------------

UNFOLD = frame.UNFOLD

# -- logs ------------------------------------------------------------------------------------------------

logs.configure(LOG_LEVEL)
LOGGING = logs.django_logging(LOG_LEVEL)

# -- API --------------------------------------------------------------------------------------------------

# Any page may call the API with a token that it holds. No cookie opens these paths, so none is let through.
CORS_ALLOW_ALL_ORIGINS = True
CORS_URLS_REGEX = r"^/((api/)?v1(/|$)|graphql|oauth/(token|revoke|introspect)|\.well-known/)"
CORS_ALLOW_HEADERS, CORS_EXPOSE_HEADERS = cross_origin.ALLOW_HEADERS, cross_origin.EXPOSE_HEADERS

REST_FRAMEWORK = {
    "DEFAULT_SCHEMA_CLASS": "bigledger.docs.schema.operation.ApiAutoSchema",
    "DEFAULT_AUTHENTICATION_CLASSES": ["bigledger.api.caller.PrincipalAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["bigledger.api.caller.NeedsScope"],
    "DEFAULT_PARSER_CLASSES": ["bigledger.api.negotiation.ExactJsonParser"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "EXCEPTION_HANDLER": "bigledger.api.failures.exception_handler",
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "bigledger.api.negotiation.JsonWhateverIsAccepted",
    "UNAUTHENTICATED_USER": None,
    "URL_FORMAT_OVERRIDE": None,  # `format` is a parameter of the reports
}

SPECTACULAR_SETTINGS = {
    "TITLE": "BigLedger API",
    "CONTACT": {"name": "BigLedger API support", "email": "api@bigledger.com", "url": "https://docs.bigledger.com/api"},
    "LICENSE": {"name": "Proprietary", "url": "https://bigledger.com/terms"},
    "DESCRIPTION": "Double-entry ledger, invoicing and payments. Money is exact: a JSON number, never a float.",
    "VERSION": API_VERSION,
    "OAS_VERSION": "3.1.0",
    "SERVERS": [{"url": "/", "description": "This server"}, {"url": "https://api.bigledger.com"}],
    "POSTPROCESSING_HOOKS": ["bigledger.docs.schema.components.finish"],
    "SCHEMA_PATH_PREFIX": "/v1",
    "SWAGGER_UI_DIST": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
}

# -- server -----------------------------------------------------------------------------------------------

SERVER_HEADER_SECONDS = 60  # for the head of a request, hence also how long a connection may wait for its next one
SERVER_BODY_SECONDS = 10.0  # for a body, and a second more for each 64 KiB of it
SERVER_UNREAD_SECONDS = 20.0  # in which a client must take something of its answer
SERVER_SHORTCUT = True  # around the event loop; off, all is the same and slower (docs/adr/0065)

# -- webhooks ---------------------------------------------------------------------------------------------

# A claim on a delivery outlasts its attempt (10 seconds at most) and the writing down of what came of it.
WEBHOOKS_LEASE_SECONDS = 20

# -- credentials ------------------------------------------------------------------------------------------

CIPHER_KEYS = keys.cipher_keys(SECRET_KEY)
SIMPLE_JWT = {
    # A key of its own, so that SECRET_KEY never signs a token that is given to a client.
    "SIGNING_KEY": keys.derive(SECRET_KEY, "issued tokens").hex(),
    "ALGORITHM": "HS256",
    "ISSUER": "bigledger",
    "ACCESS_TOKEN_LIFETIME": timedelta(minutes=15),
    "REFRESH_TOKEN_LIFETIME": timedelta(days=14),
}

OAUTH2_PROVIDER_APPLICATION_MODEL = "access.Application"
OAUTH2_PROVIDER_GRANT_MODEL = "access.Grant"
OAUTH2_PROVIDER_ACCESS_TOKEN_MODEL = "access.AccessToken"  # noqa: S105
OAUTH2_PROVIDER_REFRESH_TOKEN_MODEL = "access.RefreshToken"  # noqa: S105
OAUTH2_PROVIDER_ID_TOKEN_MODEL = "access.IDToken"  # noqa: S105
OAUTH2_PROVIDER = {**options.OAUTH2_PROVIDER, "OIDC_ISS_ENDPOINT": PUBLIC_URL}  # not what the Host header says
LOGIN_URL = "/sign-in"
CSRF_FAILURE_VIEW = "bigledger.identity.pages.sign_in.csrf_failure"
# Nobody enters the back office without a second factor; on one's own machine they may do without.
REQUIRE_SECOND_FACTOR = not IS_SANDBOX
OTP_TOTP_ISSUER = "BigLedger"

# -- limits -----------------------------------------------------------------------------------------------

CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"},
    # "limits" is what django-ratelimit counts in: shared by all processes (ADR 0011).
    "limits": (broker.redis_cache(REDIS_URL) if REDIS_URL else {"BACKEND": "bigledger.access.counters.CounterCache"}),
}
RATELIMIT_USE_CACHE = "limits"
RATELIMIT_FAIL_OPEN = True  # a Redis that is away limits nobody
DJANGO_REDIS_LOG_IGNORED_EXCEPTIONS = True

# -- mail: files that can be looked at, unless there is an SMTP server ------------------------------------

EMAIL_BACKEND = "bigledger.mail.smtp.SmtpBackend" if EMAIL_HOST else "django.core.mail.backends.filebased.EmailBackend"
EMAIL_FILE_PATH = BIGLEDGER_HOME / "mail"
EMAIL_TIMEOUT = 10

# -- Celery -----------------------------------------------------------------------------------------------

CELERY_BROKER_URL = broker.url(REDIS_URL)
CELERY_BROKER_USE_SSL = broker.certificates(REDIS_URL)
CELERY_BROKER_TRANSPORT_OPTIONS = broker.transport_options(REDIS_URL, BIGLEDGER_HOME)
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_TIME_LIMIT = 720  # seconds; the end of a job that ends neither its steps nor itself (tenants/rounds.py)
CELERY_TIMEZONE = "UTC"
CELERY_WORKER_ENABLE_REMOTE_CONTROL = bool(REDIS_URL)  # the folder carries no broadcasts
CELERY_WORKER_REDIRECT_STDOUTS = False
CELERY_BEAT_MAX_LOOP_INTERVAL = 5  # seconds; how often the clock shows that it lives
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None  # for ever
CELERY_BEAT_SCHEDULE_FILENAME = str(BIGLEDGER_HOME / "beat-schedule")  # what it sends: bigledger/clock.py
