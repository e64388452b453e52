"""``folkmoot init``, ``user`` and ``doctor``: making an installation and looking after it."""
