"""The Celery application: jobs of the clock and wake-ups. What must not be lost is in the database."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bigledger.settings")
app = Celery("bigledger")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
