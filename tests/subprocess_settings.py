"""Settings of the processes that tests start beside themselves: the suite's own database, impatient waits."""

from tests.settings import *  # noqa: F403

WEBHOOKS_LEASE_SECONDS = 3
