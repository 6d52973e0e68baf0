import gc

from django.apps import AppConfig


class ConfigConfig(AppConfig):
    """Top of the tree: the commands that put the whole product together (`up`, `sandbox`, `seed_demo`)."""

    name = "config"
    label = "project"

    def ready(self) -> None:
        # Started: garbage is looked for again (see config/__init__.py), but not among what was just loaded.
        gc.enable()
        gc.freeze()
