"""What the rooms of training hear of each other, in the transaction of the change: ``event`` and ``actor``."""

from django.dispatch import Signal

#: A place may have fallen free, or there are more of them: somebody left or came back, or the event was edited.
places_changed = Signal()
#: An event was cancelled.
cancelled = Signal()
#: Somebody got, left or took up a part; however that came.
parts_changed = Signal()
