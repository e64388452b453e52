"""Connects the index to whatever writes rows. Imported once, when everything is loaded."""

from __future__ import annotations

from django.db.models.signals import m2m_changed, post_delete, post_save

from folkmoot.kernel.search import index

post_save.connect(index.row_saved, dispatch_uid="search")
post_delete.connect(index.row_deleted, dispatch_uid="search")
m2m_changed.connect(index.links_changed, dispatch_uid="search")
