"""Outside the sandbox a weak SECRET_KEY is refused with one line; what was encrypted before is still read."""

from __future__ import annotations

import base64
import hashlib
import os
import secrets
import subprocess
import sys

import pytest
from cryptography.fernet import Fernet
from django.conf import settings

from bigledger.access.secrets import decrypt, encrypt
from bigledger.settings import keys
from tests.running import ROOT, STRONG_KEY

WEAK = [
    "x",
    "x" * 64,
    "changeme" * 8,
    "correct horse battery staple correct horse battery staple",
    "abcdefghijklmnopqrstuvwxyz0123456789",
    "qwertyuiop12" * 4,
    "bigledger-production-secret-key-2026-please-change",
    "django-insecure-abcdefghijklmnop0123456789",
    "0123456789abcdef0123456789abcdef",
    secrets.token_hex(16),  # 16 random bytes are not enough
]


def _start(environment: str, key: str, home: os.PathLike[str]) -> subprocess.CompletedProcess[str]:
    env = {
        "PATH": os.environ["PATH"],
        "BIGLEDGER_HOME": str(home),
        "BIGLEDGER_ENVIRONMENT": environment,
        "SECRET_KEY": key,
        "ALLOWED_HOSTS": "localhost",
        "DATABASE_URL": "postgresql://user@localhost/books",
    }
    program = [sys.executable, "-c", "import bigledger.settings.environment"]
    return subprocess.run(program, cwd=ROOT, env=env, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("key", WEAK, ids=range(len(WEAK)))
def test_a_guessable_key_is_refused(key: str) -> None:
    assert keys.weakness(key)


def test_every_usual_way_to_make_a_key_makes_a_good_one() -> None:
    for _ in range(20):
        for good in (
            secrets.token_urlsafe(32),
            secrets.token_urlsafe(48),
            secrets.token_hex(32),
            base64.b64encode(secrets.token_bytes(32)).decode(),
        ):
            assert keys.weakness(good) is None, good


@pytest.mark.parametrize("environment", ["staging", "production"])
def test_a_deployment_does_not_start_with_a_weak_key(environment: str, tmp_path: os.PathLike[str]) -> None:
    refused = _start(environment, "x" * 50, tmp_path)

    assert refused.returncode == 1
    assert refused.stderr.startswith("bigledger: SECRET_KEY is not random")
    assert len(refused.stderr.splitlines()) == 1
    assert _start(environment, STRONG_KEY, tmp_path).returncode == 0
    assert _start("sandbox", "x", tmp_path).returncode == 0


def test_keys_of_several_purposes_tell_nothing_of_each_other() -> None:
    assert len({keys.derive(STRONG_KEY, purpose) for purpose in ("one", "two")}) == 2
    assert keys.derive(STRONG_KEY, "one") == keys.derive(STRONG_KEY, "one")
    assert settings.SIMPLE_JWT["SIGNING_KEY"] == keys.derive(settings.SECRET_KEY, "issued tokens").hex()


def test_data_encrypted_with_the_former_key_can_still_be_read() -> None:
    before = hashlib.sha256(b"bigledger signing secrets" + settings.SECRET_KEY.encode()).digest()
    kept = Fernet(base64.urlsafe_b64encode(before)).encrypt(b"a signing secret")

    assert decrypt(kept) == "a signing secret"
    assert decrypt(encrypt("a new one")) == "a new one"
