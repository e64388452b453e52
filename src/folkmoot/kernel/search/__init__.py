"""One search for the whole house.

An area registers what can be found (:mod:`.kinds`); :mod:`.index` keeps the entries up to date; :mod:`.find` answers.
The same words, the same ranking and the same forgiveness of typing errors on SQLite and PostgreSQL.
"""
