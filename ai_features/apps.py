from django.apps import AppConfig


class AiFeaturesConfig(AppConfig):
    name = "ai_features"
    verbose_name = "AI features"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from . import receivers  # noqa: F401
        from .privacy import injection

        injection.require_known_modes()
