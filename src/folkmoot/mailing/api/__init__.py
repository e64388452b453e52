"""Mails by rule in the API."""
