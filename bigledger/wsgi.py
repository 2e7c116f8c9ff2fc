"""The WSGI application: REST, GraphQL, admin and pages."""

import os

from django.core.cache import close_caches
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections, reset_queries

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bigledger.settings")
application = get_wsgi_application()

# A connection that broke is let go at the end of the request that saw it break. There is nothing to look for at
# the beginning of the next: connections have no age limit, queries are not kept, and caches stay connected.
request_started.disconnect(close_old_connections)
request_started.disconnect(reset_queries)
request_finished.disconnect(close_caches)
