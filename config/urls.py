"""Every path of the product."""

from django.contrib import admin
from django.urls import include, path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

from config import metrics, ops

handler400 = "config.core.error_views.bad_request"
handler403 = "config.core.error_views.forbidden"
handler404 = "config.core.error_views.not_found"
handler500 = "config.core.error_views.server_error"

urlpatterns = [
    path("healthz", ops.healthz),
    path("readyz", ops.readyz),
    path("metrics", metrics.metrics),
    path("admin/", admin.site.urls),
    path("api/auth/", include("allauth.headless.urls")),
    path("api/business/", include("subscriptions.business_urls")),
    path("api/business/", include("accounts.urls")),
    path("api/subscriptions/", include("subscriptions.urls")),
    path("api/admin/", include("subscriptions.staff_urls")),
    path("api/admin/", include("support_chat.staff_urls")),
    path("api/ai/", include("ai_features.urls")),
    path("api/support/", include("support_chat.urls")),
    path("api/schema/", SpectacularAPIView.as_view(), name="schema"),
    path("api/docs/", SpectacularSwaggerSplitView.as_view(url_name="schema"), name="docs"),
    path("", include("payments.urls")),
]
