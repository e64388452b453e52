"""The pages of mails by rule."""
