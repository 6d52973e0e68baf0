from django.urls import path

from ai_features import views

urlpatterns = [
    path("product-description/", views.ProductDescriptionView.as_view(), name="ai-product-description"),
    path("requests/<uuid:request_id>/", views.RequestView.as_view(), name="ai-request"),
    path("requests/<uuid:request_id>/receipt/", views.ReceiptView.as_view(), name="ai-request-receipt"),
    path("requests/<uuid:request_id>/sent/", views.SentView.as_view(), name="ai-request-sent"),
]
