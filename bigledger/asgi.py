"""The ASGI application: sockets, and nothing else."""

import os
from typing import Any, cast

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bigledger.settings")
django.setup()

from channels.routing import ProtocolTypeRouter, URLRouter  # noqa: E402 - needs the apps to be loaded
from django.core.asgi import get_asgi_application  # noqa: E402
from django.urls import path  # noqa: E402

from bigledger.live.consumer import JsonConsumer  # noqa: E402

application = ProtocolTypeRouter(
    {
        "http": get_asgi_application(),  # health checks
        "websocket": URLRouter([path("v1", cast(Any, JsonConsumer.as_asgi()))]),
    }
)
