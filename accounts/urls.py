from django.urls import path

from . import views

urlpatterns = [
    path("", views.BusinessesView.as_view()),
    path("storefronts/", views.StorefrontsView.as_view()),
    path("members/", views.MembersView.as_view()),
    path("api-keys/", views.ApiKeysView.as_view()),
    path("api-keys/<uuid:key_id>/", views.ApiKeyView.as_view()),
]
