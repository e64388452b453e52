"""What others may hear: a delivery has come to an end, one way or another, or asks a person."""

from django.dispatch import Signal

#: Sent within the transaction that says so; ``delivery`` is the row as it is now.
settled = Signal()
