"""How the API reads, answers and documents itself."""

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "accounts.authentication.ApiKeyAuthentication",
        "accounts.authentication.BearerAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_THROTTLE_CLASSES": ["accounts.throttling.CallerRate"],
    "DEFAULT_RENDERER_CLASSES": ["config.core.json.DecimalJSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["config.core.json.DecimalJSONParser"],
    "DEFAULT_PAGINATION_CLASS": "config.core.pagination.CursorPage",
    "DEFAULT_SCHEMA_CLASS": "accounts.schema.ApiSchema",
    "EXCEPTION_HANDLER": "config.core.exception_handler.handle",
    "COERCE_DECIMAL_TO_STRING": False,
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
    "TEST_REQUEST_RENDERER_CLASSES": [
        "config.core.json.DecimalJSONRenderer",
        "rest_framework.renderers.MultiPartRenderer",
    ],
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Sika API",
    "DESCRIPTION": (
        "Prepaid AI credits for a point of sale: buy, spend, and see where every credit went.\n\n"
        "Sign-up, sign-in, devices and passwords are under `/api/auth/app/v1/`; their own OpenAPI document "
        "is [/api/auth/openapi.json](/api/auth/openapi.json). Send the access token, or an API key, as "
        "`Authorization: Bearer …`, and `X-Business-ID` when you belong to several businesses."
    ),
    "VERSION": "0.1.0",
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "SCHEMA_PATH_PREFIX": "/api/",
    "COMPONENT_SPLIT_REQUEST": True,
    "EXTERNAL_DOCS": {"description": "Sign-up, sign-in, devices", "url": "/api/auth/openapi.json"},
    "ENUM_NAME_OVERRIDES": {
        "PaymentStatusEnum": "payments.types.PaymentStatus",
        "ProductToneEnum": "ai_features.features.product_description.TONES",
        "ReminderToneEnum": "ai_features.facts.reminders.TONES",
        "StockActionEnum": "ai_features.features.inventory_forms.ACTION_CODES",
        "CollectionActionEnum": "ai_features.features.collection_analysis.ACTION_CODES",
        "PaymentMethodEnum": "payments.types.PaymentMethod",
        "NetworkEnum": "payments.types.Network",
        "RefundStatusEnum": "payments.types.RefundStatus",
        "EntryKindEnum": "subscriptions.models.ledger.CreditEntry.Kind",
        "JobStatusEnum": "ai_features.models.jobs.AIJob.Status",
        "JobPartStatusEnum": "ai_features.models.jobs.AIJobPart.Status",
        "PurchaseStatusEnum": "subscriptions.models.purchases.AICreditPurchase.Status",
        "LicenceKindEnum": "subscriptions.models.licences.Licence.Kind",
        "ChatLanguageEnum": "support_chat.languages.CHOICES",
        "TextLanguageEnum": "ai_features.facts.reminders.LANGUAGES",
        "AnswerSourceEnum": ("ai", "cached", "local"),
        "ChatMessageSourceEnum": "support_chat.models.messages.SupportMessage.Source",
        "ChatMessageStatusEnum": "support_chat.models.messages.SupportMessage.Status",
        "ConversationStatusEnum": "support_chat.models.conversations.SupportConversation.Status",
    },
}
