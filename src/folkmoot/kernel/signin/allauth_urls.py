"""The addresses of django-allauth's second steps and other accounts, under the names it knows them by.

What is done there is for whoever is signed in; signing in itself is open to all.
"""

from allauth.account import views as account
from allauth.mfa.base import views as mfa
from allauth.mfa.recovery_codes import views as recovery
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as webauthn
from django.urls import path
from django.views.generic import RedirectView

from folkmoot.kernel.permissions.access import public, requires
from folkmoot.kernel.signin import views

own = requires("accounts.own_profile")
_security = RedirectView.as_view(pattern_name="signin:security")

urlpatterns = [
    path("login/code/", public(account.request_login_code), name="account_request_login_code"),
    path("login/code/confirm/", public(account.confirm_login_code), name="account_confirm_login_code"),
    path("2fa/", own(_security), name="mfa_index"),
    path("2fa/authenticate/", public(mfa.authenticate), name="mfa_authenticate"),
    path("2fa/reauthenticate/", own(mfa.reauthenticate), name="mfa_reauthenticate"),
    path("2fa/totp/activate/", own(totp.activate_totp), name="mfa_activate_totp"),
    path("2fa/totp/deactivate/", own(totp.deactivate_totp), name="mfa_deactivate_totp"),
    path("2fa/recovery-codes/", own(recovery.view_recovery_codes), name="mfa_view_recovery_codes"),
    path(
        "2fa/recovery-codes/generate/",
        own(recovery.generate_recovery_codes),
        name="mfa_generate_recovery_codes",
    ),
    path(
        "2fa/recovery-codes/download/",
        own(recovery.download_recovery_codes),
        name="mfa_download_recovery_codes",
    ),
    path(
        "2fa/passkeys/", own(RedirectView.as_view(pattern_name="signin:security")), name="mfa_list_webauthn"
    ),
    path("2fa/passkeys/add/", own(webauthn.add_webauthn), name="mfa_add_webauthn"),
    path("2fa/passkeys/login/", public(webauthn.login_webauthn), name="mfa_login_webauthn"),
    path(
        "2fa/passkeys/reauthenticate/",
        own(webauthn.reauthenticate_webauthn),
        name="mfa_reauthenticate_webauthn",
    ),
    path("2fa/passkeys/<int:pk>/remove/", own(webauthn.remove_webauthn), name="mfa_remove_webauthn"),
    path("2fa/passkeys/<int:pk>/edit/", own(webauthn.edit_webauthn), name="mfa_edit_webauthn"),
    path("github/login/callback/", views.callback, {"key": "github"}, name="github_callback"),
    path("orcid/login/callback/", views.callback, {"key": "orcid"}, name="orcid_callback"),
    path("<slug:provider_id>/login/callback/", views.oidc_callback, name="openid_connect_callback"),
    path("login/cancelled/", views.cancelled, name="socialaccount_login_cancelled"),
]
