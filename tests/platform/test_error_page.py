"""The page that `documentation_url` opens says something of every error."""

from __future__ import annotations

import re

from django.test import Client

from bigledger.errors import CATALOGUE


def test_every_error_has_its_section(db_access: None) -> None:
    page = Client().get("/docs/api/errors").content.decode()
    for error in CATALOGUE:
        section = re.search(rf'<h2 id="{error.code}">(.*?)</h2>\s*<p>(.*?)</p>', page, re.S)
        assert section is not None, error.code
        assert error.code in section[1] and str(error.status) in section[1]
        assert error.description in section[2].replace("&#x27;", "'")
