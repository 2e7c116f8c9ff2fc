"""What the start refuses about cards."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from tests.running import ROOT, STRONG_KEY

PRODUCTION = {
    "BIGLEDGER_ENVIRONMENT": "production",
    "SECRET_KEY": STRONG_KEY,
    "ALLOWED_HOSTS": "localhost",
    "DATABASE_URL": "postgresql://user@localhost/books",
}


@pytest.mark.parametrize(
    ("environment", "message"),
    [
        ({"PAYMENT_GATEWAY": "sandbox"}, "PAYMENT_GATEWAY=sandbox accepts card numbers"),
        ({"PAYMENT_GATEWAY": "stripe"}, "STRIPE_SECRET_KEY must be set"),
        ({"PAYMENT_GATEWAY": "paypal"}, "PAYMENT_GATEWAY must be sandbox, stripe or none"),
        ({"PUBLIC_URL": "books.example.com"}, "PUBLIC_URL must begin with"),
    ],
)
def test_a_deployment_that_would_take_real_numbers_does_not_start(
    environment: dict[str, str], message: str, tmp_path: os.PathLike[str]
) -> None:
    started = subprocess.run(
        [sys.executable, "-c", "import bigledger.settings"],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "BIGLEDGER_HOME": str(tmp_path), **PRODUCTION, **environment},
        capture_output=True,
        text=True,
        check=False,
    )

    assert started.returncode == 1
    assert message in started.stderr
