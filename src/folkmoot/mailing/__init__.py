"""Mails by rule: what is so of a record plans a mail, moves it, cancels it. Areas declare what rules may ask."""
