"""Slack, as its Web API speaks: protocol only, no tables."""
