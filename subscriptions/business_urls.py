"""What this app adds under `/api/business/`."""

from django.urls import path

from .views import alerts

urlpatterns = [
    path("alerts/", alerts.AlertsView.as_view()),
    path("alerts/read-all/", alerts.AlertsReadAllView.as_view()),
    path("alerts/<int:alert_id>/read/", alerts.AlertReadView.as_view()),
    path("preferences/", alerts.PreferencesView.as_view()),
]
