from django.urls import path

from ai_features import views
from ai_features.features import FEATURES

urlpatterns = [
    *(
        path(f"{slug.replace('_', '-')}/", views.feature_view(feature).as_view())
        for slug, feature in FEATURES.items()
    ),
    path("requests/<uuid:request_id>/", views.RequestView.as_view(), name="ai-request"),
    path("requests/<uuid:request_id>/receipt/", views.ReceiptView.as_view(), name="ai-request-receipt"),
    path("requests/<uuid:request_id>/sent/", views.SentView.as_view(), name="ai-request-sent"),
]
