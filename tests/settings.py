"""Settings of the suite: its own home, so its own embedded server; real PostgreSQL, the restricted role.

pytest-django reads settings before any conftest can set the environment, hence a module of its own.
"""

import atexit
import json
import os
import shutil
import tempfile
from pathlib import Path

# A home for each worker of the suite, inherited by the processes that its tests start, and gone with it. One
# that the caller exported is never touched: the suite deletes what it made, and only that.
_worker = os.environ.get("PYTEST_XDIST_WORKER", "alone")
if not os.environ.get("BIGLEDGER_TEST_HOME", "").startswith(f"{_worker}:"):
    _home = tempfile.mkdtemp(prefix="bigledger-tests-")
    Path(_home).chmod(0o755)
    os.environ["BIGLEDGER_TEST_HOME"] = f"{_worker}:{_home}"
    atexit.register(shutil.rmtree, _home, ignore_errors=True)
os.environ["BIGLEDGER_HOME"] = os.environ["BIGLEDGER_TEST_HOME"].partition(":")[2]
os.environ["BIGLEDGER_ENVIRONMENT"] = "sandbox"
os.environ["LOG_LEVEL"] = "ERROR"
os.environ.setdefault("PUBLIC_URL", "http://testserver")  # what Django's client calls

from bigledger.settings import *  # noqa: E402, F403 - after the environment it reads

PASSWORD_HASHERS = [  # the suite signs in often
    "django.contrib.auth.hashers.MD5PasswordHasher",
    "bigledger.access.hashers.RandomSecretHasher",
]
ALLOWED_HOSTS = ["*"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
Path(STATIC_ROOT).mkdir(parents=True, exist_ok=True)  # noqa: F405
globals().update(json.loads(os.environ.get("TEST_SETTINGS", "{}")))  # what a test's own server does otherwise
if "TEST_DATABASE_NAME" in os.environ:  # a server process that a test started
    _given = DATABASES["owner"]["NAME"]  # noqa: F405
    for _database in DATABASES.values():  # noqa: F405 - a pooler's name for it goes on with another ending
        _database["NAME"] = _database["NAME"].replace(_given, os.environ["TEST_DATABASE_NAME"], 1)
