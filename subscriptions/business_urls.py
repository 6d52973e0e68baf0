"""What this app serves under `/api/business/`."""

from django.urls import path

from .views import alerts, budgets

urlpatterns = [
    path("alerts/", alerts.AlertsView.as_view()),
    path("alerts/read-all/", alerts.AlertsReadAllView.as_view()),
    path("alerts/<int:alert_id>/read/", alerts.AlertReadView.as_view()),
    path("budgets/", budgets.BudgetsView.as_view()),
    path("budgets/<int:budget_id>/", budgets.BudgetView.as_view()),
    path("preferences/", alerts.PreferencesView.as_view()),
]
