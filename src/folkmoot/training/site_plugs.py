"""How events meet files and the public: what imports read of them, what websites get, figures."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from folkmoot.kernel.plugs import RecordPanel, record_panels
from folkmoot.training import sections as _sections  # noqa: F401 - registers the section of the report
from folkmoot.training.exports import pages as _exports  # noqa: F401 - registers what websites get
from folkmoot.training.imports import amy as _amy  # noqa: F401 - registers what imports read
from folkmoot.training.imports import amy_pages as _amy_pages  # noqa: F401 - links of the report of counts
from folkmoot.training.imports import amy_people as _amy_people  # noqa: F401
from folkmoot.training.imports import pages as _pages  # noqa: F401
from folkmoot.training.imports import sprints as _sprints  # noqa: F401
from folkmoot.training.imports import tables as _tables  # noqa: F401
from folkmoot.training.metrics import events as _metrics  # noqa: F401 - declare themselves
from folkmoot.training.queries import sprints

record_panels.register(
    RecordPanel(
        key="training.contributions",
        record="training.event",
        title=_("What was contributed"),
        permission="training.view",
        template="training/parts/contributions.html",
        rows=sprints.card_rows,
        context=sprints.card,
        wide=True,
        order=10,
    )
)
