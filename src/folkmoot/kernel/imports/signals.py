"""What imports tell the rest of the house."""

from django.dispatch import Signal

#: Sent with ``model`` (a model class) and ``ids`` (primary keys of rows made, changed or removed) after each chunk of
#: an import and of an undo, inside the chunk's transaction, so that an index kept in the database agrees with the
#: rows. Never sent by a dry run. Rows that are gone must be looked up and found missing.
rows_changed = Signal()
