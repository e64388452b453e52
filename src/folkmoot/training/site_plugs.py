"""How events meet files and the public: what imports read of them, what websites get, figures."""

from __future__ import annotations

from folkmoot.training.exports import pages as _exports  # noqa: F401 - registers what websites get
from folkmoot.training.imports import pages as _pages  # noqa: F401 - registers what imports read
from folkmoot.training.imports import sprints as _sprints  # noqa: F401
from folkmoot.training.imports import tables as _tables  # noqa: F401
