from django.apps import AppConfig


class SupportChatConfig(AppConfig):
    name = "support_chat"
    verbose_name = "Support chat"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from support_chat import receivers  # noqa: F401
