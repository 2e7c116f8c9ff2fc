"""The WSGI application: REST, GraphQL, admin and pages."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bigledger.settings")
application = get_wsgi_application()
