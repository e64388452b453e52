"""Addresses of mails by rule."""

from django.urls import path

from folkmoot.mailing.views import mails, rules, texts

app_name = "mailing"
urlpatterns = [
    path("settings/mail-rules/", rules.rules, name="rules"),
    path("settings/mail-rules/new/", rules.new, name="new_rule"),
    path("settings/mail-rules/new/<str:subject>/", rules.new_about, name="new_rule_about"),
    path("settings/mail-rules/<int:pk>/", rules.rule, name="rule"),
    path("settings/mail-rules/<int:pk>/edit/", rules.edit, name="edit_rule"),
    path("settings/mail-rules/<int:pk>/history/", rules.history, name="rule_history"),
    path("settings/mail-rules/<int:pk>/on/", rules.switch_on, name="switch_on"),
    path("settings/mail-rules/<int:pk>/off/", rules.switch_off, name="switch_off"),
    path("settings/mail-rules/<int:pk>/archive/", rules.archive, name="archive_rule"),
    path("settings/mail-rules/<int:pk>/unarchive/", rules.unarchive, name="unarchive_rule"),
    path("settings/mail-rules/<int:pk>/texts/new/", texts.new, name="new_rule_text"),
    path("settings/mail-rules/<int:pk>/texts/<str:language>/", texts.text, name="rule_text"),
    path("settings/mail-rules/<int:pk>/texts/<str:language>/edit/", texts.edit, name="edit_rule_text"),
    path("settings/mail-rules/<int:pk>/texts/<str:language>/remove/", texts.remove, name="remove_rule_text"),
    path("planned-mails/", mails.mails, name="mails"),
    path("planned-mails/<int:pk>/", mails.mail, name="mail"),
    path("planned-mails/<int:pk>/edit/", mails.edit, name="edit_mail"),
    path("planned-mails/<int:pk>/approve/", mails.approve, name="approve_mail"),
    path("planned-mails/<int:pk>/cancel/", mails.cancel, name="cancel_mail"),
    path("planned-mails/<int:pk>/plan/", mails.plan, name="plan_mail"),
    path("planned-mails/<int:pk>/keep/", mails.keep, name="keep_mail"),
    path("planned-mails/<int:pk>/send-now/", mails.send_now, name="send_mail_now"),
    path("planned-mails/undo/<str:token>/", mails.take_back, name="undo"),
]
