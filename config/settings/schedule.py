"""Everything that happens by itself, and how often. Each task is safe to run twice."""

from typing import Any

from celery.schedules import crontab

CELERY_BEAT_SCHEDULE: dict[str, dict[str, Any]] = {
    "heartbeat": {"task": "config.tasks.heartbeat", "schedule": 10},
    "finish-answered-requests": {"task": "ai_features.tasks.finish_answered_requests", "schedule": 60.0},
    "sweep-webhooks": {"task": "payments.tasks.sweep_webhooks", "schedule": 60},
    "release-stale-holds": {"task": "subscriptions.tasks.release_stale_holds", "schedule": 60},
    "sweep-alerts": {"task": "subscriptions.tasks.sweep_alerts", "schedule": 15},
    "watch-businesses": {"task": "subscriptions.tasks.watch_businesses", "schedule": 300},
    "watch-operations": {"task": "subscriptions.tasks.watch_operations", "schedule": 60},
    "expire-credits": {"task": "subscriptions.tasks.expire_credits", "schedule": 300},
    "sweep-jobs": {"task": "ai_features.tasks.sweep_jobs", "schedule": 30},
    "sweep-replies": {"task": "support_chat.tasks.sweep_replies", "schedule": 10},
    "sweep-chat-webhooks": {"task": "support_chat.tasks.sweep_chat_webhooks", "schedule": 30},
    "prune-data": {"task": "config.tasks.prune_data", "schedule": crontab(hour=3, minute=50)},
    "renew-addons": {"task": "subscriptions.tasks.renew_addons", "schedule": 300},
    "renew-storefront-plans": {"task": "subscriptions.tasks.renew_storefront_plans", "schedule": 300},
    "expire-licences": {"task": "subscriptions.tasks.expire_licences", "schedule": 300},
    "audit-books": {"task": "config.tasks.audit_books", "schedule": 900},
    "roll-up-usage": {"task": "subscriptions.tasks.roll_up_usage", "schedule": 600},
    "sweep-cards": {"task": "payments.tasks.sweep_cards", "schedule": 600},
    "sweep-payments": {"task": "payments.tasks.sweep_payments", "schedule": 15},
    "sweep-refunds": {"task": "payments.tasks.sweep_refunds", "schedule": 30},
    "sweep-disputes": {"task": "payments.tasks.sweep_disputes", "schedule": 300},
    "reconcile-payments": {
        "task": "payments.tasks.reconcile_payments",
        "schedule": crontab(hour=2, minute=20),
    },
    "refresh-fx-rate": {
        "task": "subscriptions.tasks.refresh_fx_rate",
        "schedule": crontab(hour=5, minute=10),
    },
    "check-models": {"task": "ai_features.tasks.check_models", "schedule": crontab(hour=5, minute=40)},
    "sync-settlements": {
        "task": "payments.tasks.sync_settlements",
        "schedule": crontab(hour=3, minute=20),
    },
}
