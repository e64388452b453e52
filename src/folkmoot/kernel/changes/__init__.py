"""What changed in the database, whoever changed it: pages, imports, the API, merges, a shell.

Signals tell of single rows, and imports tell of theirs; a queryset's ``update`` and plain SQL tell nobody. Here the
database itself notes the change, by triggers, in a table that a job reads: saving waits for nothing, and nothing is
forgotten. A listener declares what it wants to hear of (:class:`~folkmoot.kernel.changes.watching.Watch`).
"""
