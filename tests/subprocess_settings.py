"""Settings of the processes that tests start beside themselves: the suite's own database, impatient waits."""

import os

from tests.settings import *  # noqa: F403
from tests.settings import DATABASES

for _database in DATABASES.values():
    _database["NAME"] = os.environ["TEST_DATABASE_NAME"]
WEBHOOKS_LEASE_SECONDS = 3
