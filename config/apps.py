from django.apps import AppConfig


class ConfigConfig(AppConfig):
    """Top of the tree: the commands that put the whole product together (`up`, `sandbox`, `seed_demo`)."""

    name = "config"
    label = "project"
