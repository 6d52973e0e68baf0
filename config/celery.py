"""The Celery application. The database is the queue of record: a task only carries ids, and is safe twice."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", f"config.settings.{os.environ.get('SIKA_ENV', 'local')}")

app = Celery("sika")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
