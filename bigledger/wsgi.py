"""The WSGI application: REST, admin and pages."""

import os
from collections.abc import Callable, Iterable
from typing import Any

import django
from django.conf import settings
from django.core.cache import close_caches
from django.core.handlers.base import reset_urlconf
from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, reset_queries
from django.http import HttpResponse

from bigledger.private import keep_files_private
from bigledger.server import proxies

keep_files_private()
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bigledger.settings")


class Application(WSGIHandler):
    """An answer that is whole goes out at once, as a list: what is iterated, the server sends piece by piece."""

    def __call__(  # type: ignore[override]
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        if settings.TRUSTED_PROXIES:
            proxies.apply(environ)
        response = super().__call__(environ, start_response)
        if not isinstance(response, HttpResponse):
            return response
        response.close()
        return [response.content]


django.setup(set_prefix=False)
application = Application()

# Broken connections are let go by ApiMiddleware, which has fewer to look at; queries are not kept, and caches stay
# connected. No request has a urlconf of its own.
for signal, receiver in (
    (request_started, close_old_connections),
    (request_started, reset_queries),
    (request_finished, close_old_connections),
    (request_finished, close_caches),
    (request_finished, reset_urlconf),
):
    signal.disconnect(receiver)
