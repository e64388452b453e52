"""All tables of the API, for Django to find."""

from folkmoot.api.webhooks.models import Webhook

__all__ = ["Webhook"]
