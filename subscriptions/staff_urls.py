"""`/api/admin/`: for the platform's staff."""

from django.urls import path

from .views import analytics

urlpatterns = [
    path("chatgpt-analytics/", analytics.AnalyticsView.as_view()),
    path("chatgpt-usage/<int:user_id>/", analytics.UserUsageView.as_view()),
]
