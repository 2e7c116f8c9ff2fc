"""The RSGI application that granian serves: the WSGI one, behind the bridge."""

import gc
import os

import django

from bigledger.private import keep_files_private

keep_files_private()
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bigledger.settings")
django.setup(set_prefix=False)

from django.conf import settings  # noqa: E402 - needs the apps to be loaded

from bigledger import wsgi  # noqa: E402
from bigledger.access.admission import tenant_of_caller  # noqa: E402
from bigledger.server import proxies, serving, shortcut  # noqa: E402
from bigledger.server.bodies import BodyLimits  # noqa: E402
from bigledger.server.bridge import Bridge  # noqa: E402
from bigledger.server.connections import Connections  # noqa: E402

application = Bridge(
    wsgi.application,
    threads=settings.API_THREADS,
    limits=BodyLimits(seconds=settings.SERVER_BODY_SECONDS),
    admission=tenant_of_caller,
)
application.connections = Connections(
    application,
    most=serving.CONNECTIONS,
    most_per_address=settings.MAX_CONNECTIONS_PER_ADDRESS,
    unread_seconds=settings.SERVER_UNREAD_SECONDS,
    trusted=proxies.is_trusted,
)
if settings.SERVER_SHORTCUT:
    shortcut.install(application)
# What is loaded by now stays: nobody looks through it for rubbish while requests wait, some 100 ms each time.
gc.collect()
gc.freeze()
