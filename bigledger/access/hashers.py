"""How the secrets of OAuth applications are hashed."""

from __future__ import annotations

from django.contrib.auth.hashers import PBKDF2PasswordHasher


class RandomSecretHasher(PBKDF2PasswordHasher):
    """For secrets of hundreds of random bits, which cannot be guessed, however fast the hash is. A password's
    million rounds would only let callers of the token endpoint overload the processors."""

    algorithm = "random_secret"
    iterations = 1
