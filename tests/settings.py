"""Settings of the suite: its own home, so its own embedded server; real PostgreSQL, the restricted role.

pytest-django reads settings before any conftest can set the environment, hence a module of its own.
"""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

if "BIGLEDGER_HOME" not in os.environ:
    # Inherited by the processes that a test starts; gone with the one that made it.
    os.environ["BIGLEDGER_HOME"] = tempfile.mkdtemp(prefix="bigledger-tests-")
    Path(os.environ["BIGLEDGER_HOME"]).chmod(0o755)
    atexit.register(shutil.rmtree, os.environ["BIGLEDGER_HOME"], ignore_errors=True)
os.environ["BIGLEDGER_ENVIRONMENT"] = "sandbox"
os.environ["LOG_LEVEL"] = "ERROR"

from bigledger.settings import *  # noqa: F403

PASSWORD_HASHERS = [  # the suite signs in often
    "django.contrib.auth.hashers.MD5PasswordHasher",
    "bigledger.access.hashers.RandomSecretHasher",
]
ALLOWED_HOSTS = ["*"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
Path(STATIC_ROOT).mkdir(parents=True, exist_ok=True)  # noqa: F405
if "TEST_DATABASE_NAME" in os.environ:  # a server process that a test started
    for _database in DATABASES.values():  # noqa: F405
        _database["NAME"] = os.environ["TEST_DATABASE_NAME"]
