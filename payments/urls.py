from django.urls import path

from . import views

urlpatterns = [
    path("api/payments/webhooks/paystack/", views.PaystackWebhookView.as_view(), name="paystack-webhook"),
    path("api/payments/<str:reference>/", views.PaymentView.as_view(), name="payment"),
    path("payments/return/", views.return_page, name="payment-return"),
]
