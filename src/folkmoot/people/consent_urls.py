"""Addresses of consents, claims and requests to be forgotten, for those who manage people; under the register's."""

from django.urls import path

from folkmoot.people.views import claims, consents, photos

urlpatterns = [
    path("claims/", claims.claims, name="claims"),
    path("claims/<int:pk>/grant/", claims.grant_claim, name="grant_claim"),
    path("claims/<int:pk>/refuse/", claims.refuse_claim, name="refuse_claim"),
    path("consents/", consents.consents, name="consents"),
    path("consents/kinds/", consents.kinds, name="consent_kinds"),
    path("consents/kinds/new/", consents.new_kind, name="new_consent_kind"),
    path("consents/kinds/<int:pk>/words/", consents.new_text, name="new_consent_text"),
    path("consents/kinds/<int:pk>/archive/", consents.archive_kind, name="archive_consent_kind"),
    path("erasures/", claims.erasures, name="erasures"),
    path("erasures/<int:pk>/", claims.erasure, name="erasure"),
    path("erasures/<int:pk>/refuse/", claims.refuse_erasure, name="refuse_erasure"),
    path("<int:pk>/photo/", photos.person_photo, name="person_photo"),
    path("<int:pk>/release/", claims.release_record, name="release_record"),
    path("<int:pk>/consents/new/", consents.record_consent, name="record_consent"),
    path("<int:pk>/erasure/new/", claims.ask_erasure, name="ask_erasure"),
]
