from django.urls import path

from . import views, webhook_views

urlpatterns = [
    path("api/payments/webhooks/paystack/", views.PaystackWebhookView.as_view(), name="paystack-webhook"),
    path("api/payments/webhooks/stripe/", webhook_views.StripeWebhookView.as_view(), name="stripe-webhook"),
    path("api/payments/<str:reference>/", views.PaymentView.as_view(), name="payment"),
    path("payments/return/", views.return_page, name="payment-return"),
]
