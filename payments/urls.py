from django.urls import path

from .views import cards, pages, payments, stripe, webhooks

urlpatterns = [
    path("api/payments/webhooks/paystack/", webhooks.PaystackWebhookView.as_view(), name="paystack-webhook"),
    path("api/payments/webhooks/stripe/", stripe.StripeWebhookView.as_view(), name="stripe-webhook"),
    path("api/payments/cards/", cards.CardsView.as_view(), name="saved-cards"),
    path("api/payments/cards/<int:card_id>/", cards.CardView.as_view(), name="saved-card"),
    path("api/payments/<str:reference>/", payments.PaymentView.as_view(), name="payment"),
    path("api/payments/<str:reference>/otp/", payments.CodeView.as_view(), name="payment-code"),
    path("api/payments/<str:reference>/retry/", payments.RetryView.as_view(), name="payment-retry"),
    path("payments/return/", pages.return_page, name="payment-return"),
    path("payments/<str:reference>/", pages.pay, name="pay"),
    path("payments/<str:reference>/state/", pages.state, name="pay-state"),
    path("payments/<str:reference>/otp/", pages.code, name="pay-code"),
    path("payments/<str:reference>/paid/", pages.paid, name="pay-paid"),
    path("payments/<str:reference>/retry/", pages.retry, name="pay-retry"),
]
