"""Looking after an installation: backup, restore, move, monitoring.

A backup and a move read the same way (:mod:`.snapshot`, :mod:`.tables`) and fill a database the same way
(:mod:`.load`); :mod:`.archive` is the file between them.
"""
