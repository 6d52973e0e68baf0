from django.urls import path

from ai_features.features import FEATURES
from ai_features.views import ask, features, jobs, requests

urlpatterns = [
    *(
        path(f"{slug.replace('_', '-')}/", features.feature_view(feature).as_view())
        for slug, feature in FEATURES.items()
    ),
    path("ask/", ask.AskView.as_view()),
    path("jobs/", jobs.JobsView.as_view()),
    path("jobs/<uuid:job_id>/", jobs.JobDetailView.as_view()),
    path("jobs/<uuid:job_id>/cancel/", jobs.JobCancelView.as_view()),
    path("requests/<uuid:request_id>/", requests.RequestView.as_view(), name="ai-request"),
    path("requests/<uuid:request_id>/receipt/", requests.ReceiptView.as_view(), name="ai-request-receipt"),
    path("requests/<uuid:request_id>/sent/", requests.SentView.as_view(), name="ai-request-sent"),
]
