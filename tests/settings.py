"""Settings of the suite: its own home, so its own embedded server; real PostgreSQL, the restricted role.

pytest-django reads settings before any conftest can set the environment, hence a module of its own.
"""

import os
import tempfile
from pathlib import Path

_home = os.environ.setdefault(
    "BIGLEDGER_HOME", str(Path(tempfile.gettempdir()) / f"bigledger-tests-{os.getuid()}-{os.getpid()}")
)
os.environ["BIGLEDGER_ENVIRONMENT"] = "sandbox"
os.environ["LOG_LEVEL"] = "ERROR"

from bigledger.settings import *  # noqa: E402, F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # the suite signs in often
ALLOWED_HOSTS = ["*"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
Path(STATIC_ROOT).mkdir(parents=True, exist_ok=True)  # noqa: F405
