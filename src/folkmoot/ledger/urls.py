"""Addresses of the ledger."""

from django.urls import path

from folkmoot.ledger import views

app_name = "ledger"
urlpatterns = [path("", views.activity, name="activity")]
