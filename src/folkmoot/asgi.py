"""The application that granian serves."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "folkmoot.settings")

from django.core.asgi import get_asgi_application
from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

application = get_asgi_application()
wsgi_application = get_wsgi_application()
# All addresses and their views are read now, not in somebody's first request.
get_resolver().url_patterns  # noqa: B018 - reading it is what loads them
