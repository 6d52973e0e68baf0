"""What this app serves under `/api/business/`."""

from django.urls import path

from .views import budgets

urlpatterns = [
    path("budgets/", budgets.BudgetsView.as_view()),
    path("budgets/<int:budget_id>/", budgets.BudgetView.as_view()),
]
