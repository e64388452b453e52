"""What imports tell the rest of the house."""

from django.dispatch import Signal

#: Sent with ``model`` (a model class) and ``ids`` (primary keys of rows made, changed or removed) after each chunk of
#: an import and of an undo, inside the chunk's transaction, so that an index kept in the database agrees with the
#: rows. Never sent by a dry run. Rows that are gone must be looked up and found missing. ``done`` (may be missing) is a
#: dictionary that the signals of one chunk share: a receiver notes there what it has brought up to date already, since
#: everything of the chunk is written when the first is sent.
rows_changed = Signal()

#: Sent with ``run`` at the end of an undo, in its last transaction: what is reckoned from several imports together can
#: be reckoned anew from those that are left.
import_undone = Signal()

#: Sent with ``run`` and ``changes`` after each chunk of an import, inside its transaction; never by a dry run.
chunk_applied = Signal()
