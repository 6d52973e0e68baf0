"""The WSGI entry point that granian serves."""

import os

from django.core.wsgi import get_wsgi_application

from config.core import stopping

os.environ.setdefault("DJANGO_SETTINGS_MODULE", f"config.settings.{os.environ.get('SIKA_ENV', 'local')}")
application = get_wsgi_application()
stopping.watch()
