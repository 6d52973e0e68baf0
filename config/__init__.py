import gc

gc.disable()  # a start makes no garbage, and looking for it takes a fifth of the time; on again in apps.py

from config.celery import app as celery_app  # noqa: E402

__all__ = ["celery_app"]
