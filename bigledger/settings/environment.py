"""Every environment variable is read and checked here, and only here; a bad value ends the start with one line.

| variable | default | meaning |
|---|---|---|
| BIGLEDGER_ENVIRONMENT | sandbox | sandbox, staging or production |
| BIGLEDGER_HOME | .bigledger | directory of the embedded server, the files and the logs |
| DATABASE_URL | (embedded server) | PostgreSQL 15 or later, as the owner of the schema |
| DATABASE_DIRECT_URL | DATABASE_URL | the same database past its pooler: migrations, and what listens |
| DATABASE_COUNTERS_URL | DATABASE_URL | the same database in a second pool, for what is counted beside transactions |
| FAST_PATH | on | off: Django's cursor throughout, nothing prepared; needed behind a pooler of transactions |
| STATEMENT_SECONDS | 30 | the most that a statement of a request may take; `migrate` tells the database |
| REDIS_URL | (none) | broker for Celery, and where rate limits are counted |
| SECRET_KEY | made once in the sandbox | required in staging and production: 32 random bytes at least |
| HOST, PORT, WS_PORT | 127.0.0.1, 8000, 8001 | where `manage.py up` listens |
| ALLOWED_HOSTS | localhost, 127.0.0.1, [::1] (sandbox) | host names, comma separated |
| TRUSTED_PROXIES | (none) | addresses and networks trusted to set X-Forwarded-For and -Proto, comma separated |
| MAX_CONNECTIONS_PER_ADDRESS | 256 | per process; above it, the idle connections of the address are closed |
| API_PROCESSES, API_THREADS | 2, 4 | API server processes, and threads per process |
| WEBHOOKS_ALLOW_PRIVATE | true in a sandbox whose HOST is loopback | allow webhooks to this machine and its network |
| WEBHOOKS_ALLOWED_NETWORKS | (none) | networks that webhooks may be sent to besides public addresses, comma separated |
| WEBHOOKS_RETRY_SECONDS | 1, 5, 30, … over three days | waits between the attempts of a webhook, comma separated |
| WEBHOOKS_KEEP_DAYS | 30 | days for which ended webhook deliveries are stored |
| MAIL_KEEP_DAYS | 90 | days for which ended mails are stored; the latest about a document stays |
| LOG_LEVEL | INFO | DEBUG, INFO, WARNING or ERROR |
| PUBLIC_URL | http://localhost:PORT; the first of ALLOWED_HOSTS | the public URL of this server, used in every link |
| SOCKETS_URL | PUBLIC_URL's name: ws://NAME:WS_PORT/v1; behind HTTPS wss://NAME/v1 | the public URL of the sockets |
| EMAIL_HOST, EMAIL_PORT, EMAIL_USER, EMAIL_PASSWORD, EMAIL_TLS | (files in BIGLEDGER_HOME/mail) | SMTP server |
| EMAIL_FROM | BigLedger <no-reply@localhost> | sender of mails |
| MAIL_RECIPIENTS_PER_DAY | free=100,starter=1000,professional=10000 | recipients of a tenant's mails, by plan |
| PAYMENT_GATEWAY | sandbox in the sandbox, else none | sandbox, stripe or none |
| STRIPE_SECRET_KEY | (none) | required for PAYMENT_GATEWAY=stripe |
| METRICS_TOKEN | (none) | token for reading /metrics, which is refused without it |
| BIGLEDGER_CHILD | (none) | set by `manage.py up`: which of its children this process is |
"""

from __future__ import annotations

import ipaddress
import os
import secrets
import sys
from ipaddress import ip_network
from pathlib import Path
from typing import NoReturn
from urllib.parse import urlsplit

from environs import Env, EnvError

from bigledger.settings.keys import weakness

BASE_DIR = Path(__file__).resolve().parent.parent.parent


def _refuse(message: str) -> NoReturn:
    sys.exit(f"bigledger: {message}")


Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _network(text: str) -> Network:
    try:
        return ipaddress.ip_network(text.strip())
    except ValueError as fault:
        _refuse(f"WEBHOOKS_ALLOWED_NETWORKS must hold networks such as 10.1.0.0/16: {fault}")


_env = Env()
_HOUR = 3600.0
_THREE_DAYS = [1.0, 5.0, 30.0, 120.0, 600.0, 1800.0, _HOUR, *(n * _HOUR for n in (2, 4, 8, 12, 12, 12, 12, 8))]
try:
    BIGLEDGER_ENVIRONMENT: str = _env.str("BIGLEDGER_ENVIRONMENT", "sandbox")
    BIGLEDGER_HOME = Path(_env.str("BIGLEDGER_HOME", "") or BASE_DIR / ".bigledger").absolute()
    DATABASE_URL: str = _env.str("DATABASE_URL", "")
    DATABASE_DIRECT_URL: str = _env.str("DATABASE_DIRECT_URL", "") or DATABASE_URL
    DATABASE_COUNTERS_URL: str = _env.str("DATABASE_COUNTERS_URL", "") or DATABASE_URL
    FAST_PATH: bool = _env.bool("FAST_PATH", True)
    STATEMENT_SECONDS: float = _env.float("STATEMENT_SECONDS", 30.0)
    REDIS_URL: str = _env.str("REDIS_URL", "")
    HOST: str = _env.str("HOST", "127.0.0.1")
    PORT: int = _env.int("PORT", 8000)
    WS_PORT: int = _env.int("WS_PORT", 8001)
    API_PROCESSES: int = _env.int("API_PROCESSES", 2)
    API_THREADS: int = _env.int("API_THREADS", 4)
    SECRET_KEY: str = _env.str("SECRET_KEY", "")
    ALLOWED_HOSTS: list[str] = _env.list("ALLOWED_HOSTS", [])
    _proxies: list[str] = _env.list("TRUSTED_PROXIES", [])
    TRUSTED_PROXIES = [ip_network(given.strip(), strict=False) for given in _proxies]
    MAX_CONNECTIONS_PER_ADDRESS: int = _env.int("MAX_CONNECTIONS_PER_ADDRESS", 256)
    LOG_LEVEL: str = _env.str("LOG_LEVEL", "INFO").upper()
    # One's own machine: nobody else reaches the API that would then reach into the network for them.
    WEBHOOKS_ALLOW_PRIVATE: bool = _env.bool(
        "WEBHOOKS_ALLOW_PRIVATE", BIGLEDGER_ENVIRONMENT == "sandbox" and _is_loopback(HOST)
    )
    WEBHOOKS_ALLOWED_NETWORKS: list[Network] = _env.list("WEBHOOKS_ALLOWED_NETWORKS", [], subcast=_network)
    WEBHOOKS_RETRY_SECONDS: list[float] = _env.list("WEBHOOKS_RETRY_SECONDS", _THREE_DAYS, subcast=float)
    WEBHOOKS_KEEP_DAYS: int = _env.int("WEBHOOKS_KEEP_DAYS", 30)
    MAIL_KEEP_DAYS: int = _env.int("MAIL_KEEP_DAYS", 90)
    PUBLIC_URL: str = _env.str("PUBLIC_URL", "").rstrip("/")
    SOCKETS_URL: str = _env.str("SOCKETS_URL", "")
    EMAIL_HOST: str = _env.str("EMAIL_HOST", "")
    EMAIL_PORT: int = _env.int("EMAIL_PORT", 587)
    EMAIL_HOST_USER: str = _env.str("EMAIL_USER", "")
    EMAIL_HOST_PASSWORD: str = _env.str("EMAIL_PASSWORD", "")
    EMAIL_USE_TLS: bool = _env.bool("EMAIL_TLS", True)
    DEFAULT_FROM_EMAIL: str = _env.str("EMAIL_FROM", "BigLedger <no-reply@localhost>")
    MAIL_RECIPIENTS_PER_DAY: dict[str, int] = _env.dict("MAIL_RECIPIENTS_PER_DAY", {}, subcast_values=int)
    PAYMENT_GATEWAY: str = _env.str("PAYMENT_GATEWAY", "sandbox" if BIGLEDGER_ENVIRONMENT == "sandbox" else "none")
    STRIPE_SECRET_KEY: str = _env.str("STRIPE_SECRET_KEY", "")
    METRICS_TOKEN: str = _env.str("METRICS_TOKEN", "")
    BIGLEDGER_CHILD: str = _env.str("BIGLEDGER_CHILD", "")
except EnvError as fault:
    _refuse(str(fault))
except ValueError as fault:
    _refuse(f"TRUSTED_PROXIES must be addresses or networks, separated by commas: {fault}")

if BIGLEDGER_ENVIRONMENT not in ("sandbox", "staging", "production"):
    _refuse(f"BIGLEDGER_ENVIRONMENT must be sandbox, staging or production, not {BIGLEDGER_ENVIRONMENT!r}")
for _name, _port in (("PORT", PORT), ("WS_PORT", WS_PORT)):
    if not 1 <= _port <= 65535:
        _refuse(f"{_name} must be between 1 and 65535, not {_port}")
if MAX_CONNECTIONS_PER_ADDRESS < 16:
    _refuse(f"MAX_CONNECTIONS_PER_ADDRESS must be at least 16, not {MAX_CONNECTIONS_PER_ADDRESS}")
if PORT == WS_PORT:
    _refuse("PORT and WS_PORT must differ")
for _name, _count in (("API_PROCESSES", API_PROCESSES), ("API_THREADS", API_THREADS)):
    if not 1 <= _count <= 64:
        _refuse(f"{_name} must be between 1 and 64, not {_count}")
if LOG_LEVEL not in ("DEBUG", "INFO", "WARNING", "ERROR"):
    _refuse(f"LOG_LEVEL must be DEBUG, INFO, WARNING or ERROR, not {LOG_LEVEL!r}")
if not WEBHOOKS_RETRY_SECONDS or min(WEBHOOKS_RETRY_SECONDS) < 0:
    _refuse("WEBHOOKS_RETRY_SECONDS must be numbers of seconds, separated by commas")
if WEBHOOKS_KEEP_DAYS < 1:
    _refuse(f"WEBHOOKS_KEEP_DAYS must be at least 1, not {WEBHOOKS_KEEP_DAYS}")
if MAIL_KEEP_DAYS < 1:
    _refuse(f"MAIL_KEEP_DAYS must be at least 1, not {MAIL_KEEP_DAYS}")
if REDIS_URL and not REDIS_URL.startswith(("redis://", "rediss://", "unix://")):
    _refuse("REDIS_URL must begin with redis://, rediss:// or unix://")
_PLANS = {"free", "starter", "professional", "enterprise"}
if not MAIL_RECIPIENTS_PER_DAY.keys() <= _PLANS or min(MAIL_RECIPIENTS_PER_DAY.values(), default=0) < 0:
    _refuse("MAIL_RECIPIENTS_PER_DAY must read PLAN=NUMBER,…, with plans among free, starter, professional, enterprise")
IS_SANDBOX = BIGLEDGER_ENVIRONMENT == "sandbox"
_names = [name for name in ALLOWED_HOSTS if name.strip("[]")[:1].isalpha() and name != "localhost"]
PUBLIC_URL = PUBLIC_URL or (f"http://localhost:{PORT}" if IS_SANDBOX or not _names else f"https://{_names[0]}")
if not PUBLIC_URL.startswith(("http://", "https://")):
    _refuse("PUBLIC_URL must begin with http:// or https://")
_name = urlsplit(PUBLIC_URL).hostname or "localhost"
_name = f"[{_name}]" if ":" in _name else _name
SOCKETS_URL = SOCKETS_URL or (
    f"wss://{_name}/v1" if PUBLIC_URL.startswith("https://") else f"ws://{_name}:{WS_PORT}/v1"
)
if not SOCKETS_URL.startswith(("ws://", "wss://")):
    _refuse("SOCKETS_URL must begin with ws:// or wss://")
if PAYMENT_GATEWAY not in ("sandbox", "stripe", "none"):
    _refuse(f"PAYMENT_GATEWAY must be sandbox, stripe or none, not {PAYMENT_GATEWAY!r}")
if PAYMENT_GATEWAY == "sandbox" and not IS_SANDBOX:
    _refuse("PAYMENT_GATEWAY=sandbox accepts card numbers, so it is allowed in the sandbox environment only")
if PAYMENT_GATEWAY == "stripe" and not STRIPE_SECRET_KEY:
    _refuse("STRIPE_SECRET_KEY must be set for PAYMENT_GATEWAY=stripe")


_urls = {"DATABASE_DIRECT_URL": DATABASE_DIRECT_URL, "DATABASE_COUNTERS_URL": DATABASE_COUNTERS_URL}
for _name, _url in {"DATABASE_URL": DATABASE_URL, **_urls}.items():
    if _url and (
        urlsplit(_url).scheme not in ("postgres", "postgresql")
        or not urlsplit(_url).username
        or not urlsplit(_url).path.lstrip("/")
    ):
        _refuse(f"{_name} must read postgresql://USER:PASSWORD@HOST:PORT/NAME")
    if _url and not DATABASE_URL:
        _refuse(f"{_name} needs DATABASE_URL as well")
if STATEMENT_SECONDS < 1:
    _refuse(f"STATEMENT_SECONDS must be at least 1, not {STATEMENT_SECONDS:g}")


def _home_secret(name: str) -> str:
    """A secret of this machine, made once and kept where only its user can read it."""
    path = BIGLEDGER_HOME / name
    try:
        BIGLEDGER_HOME.mkdir(parents=True, exist_ok=True)
        try:
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            return path.read_text()
        with os.fdopen(descriptor, "w") as file:
            file.write(made := secrets.token_urlsafe(48))
        return made
    except OSError as fault:
        _refuse(f"BIGLEDGER_HOME {BIGLEDGER_HOME} is not usable: {fault.strerror}")


if not SECRET_KEY:
    if not IS_SANDBOX:
        _refuse("SECRET_KEY must be set outside the sandbox")
    SECRET_KEY = _home_secret("secret.key")
elif not IS_SANDBOX and (_fault := weakness(SECRET_KEY)):
    _refuse(f'SECRET_KEY {_fault}; make one with: python -c "import secrets; print(secrets.token_urlsafe(48))"')
if not ALLOWED_HOSTS:
    if not IS_SANDBOX:
        _refuse("ALLOWED_HOSTS must be set outside the sandbox")
    ALLOWED_HOSTS = ["localhost", "127.0.0.1", "[::1]", ".localhost"]
