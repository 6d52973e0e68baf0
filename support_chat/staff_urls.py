"""`/api/admin/`: for the platform's staff."""

from django.urls import path

from .views import analytics

urlpatterns = [path("support-analytics/", analytics.SupportAnalyticsView.as_view())]
