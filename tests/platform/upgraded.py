"""A program for `test_upgrade`: uses the upgraded books as a client of the release before does."""

import os
import sys

import django

os.environ["DJANGO_SETTINGS_MODULE"] = "tests.subprocess_settings"
django.setup()

from django.core.management import call_command  # noqa: E402
from django.test import Client  # noqa: E402

from bigledger import exact_json  # noqa: E402
from tests.architecture.test_other_tenants import LISTS  # noqa: E402

call_command("check_books")
call_command("verify_log")
client = Client(headers={"Authorization": f"Bearer {sys.argv[1]}"})
for route, *_ in LISTS:
    answer = client.get(f"/v1/{route}?limit=100")
    rows = exact_json.decode(answer.content).get("data", [])
    sys.stdout.write(f"{route} {answer.status_code} {len(rows)}\n")
    for row in rows[:3] + rows[-1:]:
        one = client.get(f"/v1/{route}/{row['id']}")
        if one.status_code not in (200, 404):  # a list without single objects has none of them
            sys.stdout.write(f"{route}/{row['id']} {one.status_code} {one.content.decode()}\n")
