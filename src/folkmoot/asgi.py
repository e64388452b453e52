"""The application that granian serves."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "folkmoot.settings")

from django.core.asgi import get_asgi_application
from django.core.wsgi import get_wsgi_application

application = get_asgi_application()
wsgi_application = get_wsgi_application()
