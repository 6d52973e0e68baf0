from django.urls import path

from .views import addons, catalogue, credits, purchases, receipts, refunds, storefronts

urlpatterns = [
    path("ai/credits/", credits.CreditsView.as_view()),
    path("ai/pricing/", catalogue.PricingView.as_view()),
    path("ai/check/", credits.CheckView.as_view()),
    path("ai/trial/", credits.TrialView.as_view()),
    path("ai/usage-stats/", credits.UsageStatsView.as_view()),
    path("ai/purchase/", purchases.PurchaseView.as_view()),
    path("ai/purchases/<uuid:purchase_id>/refund/", refunds.RefundView.as_view()),
    path("ai/verify-payment/", purchases.VerifyPaymentView.as_view()),
    path("ai/purchases/", receipts.PurchasesView.as_view()),
    path("ai/purchases/<uuid:purchase_id>/", receipts.PurchaseDetailView.as_view()),
    path("ai/purchases/<uuid:purchase_id>/receipt.pdf", receipts.PurchaseReceiptView.as_view()),
    path("ai/receipts/", receipts.ReceiptsView.as_view()),
    path("ai/receipts/<str:number>/", receipts.ReceiptView.as_view()),
    path("ai/receipts/<str:number>/receipt.pdf", receipts.ReceiptDocumentView.as_view()),
    path("ai/addon/", addons.AddonView.as_view()),
    path("ai/addon/renew/", addons.AddonRenewView.as_view()),
    path("ai/addon/subscribe/", purchases.AddonSubscribeView.as_view()),
    path("ai/addon/cancel/", purchases.AddonCancelView.as_view()),
    path("storefront-plan/", storefronts.PlanView.as_view()),
    path("storefront-plan/quote/", storefronts.QuoteView.as_view()),
    path("storefront-plan/subscribe/", storefronts.SubscribeView.as_view()),
    path("storefront-plan/change/", storefronts.ChangeView.as_view()),
    path("storefront-plan/cancel/", storefronts.CancelView.as_view()),
]
