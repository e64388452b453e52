"""All tables of the kernel, for Django to find; each is defined in the room it belongs to."""

from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.changes.models import ChangedRow
from folkmoot.kernel.community import Community
from folkmoot.kernel.imports.models import (
    ColumnMapping,
    ImportChange,
    ImportRun,
    RejectedRow,
    SeenRecord,
    StagedRow,
)
from folkmoot.kernel.jobs.models import Job
from folkmoot.kernel.notices.models import Notice, NoticePreference, NoticeSettings
from folkmoot.kernel.permissions.models import Grant
from folkmoot.kernel.search.models import SearchEntry, SearchSpelling
from folkmoot.kernel.tokens.models import ApiToken, ApiWrite
from folkmoot.kernel.ui.models import SavedView
from folkmoot.kernel.users.models import Delegation, Invitation, RightsEvent

__all__ = [
    "ApiToken",
    "ApiWrite",
    "ChangedRow",
    "ColumnMapping",
    "Community",
    "Delegation",
    "Grant",
    "ImportChange",
    "ImportRun",
    "Invitation",
    "Job",
    "Notice",
    "NoticePreference",
    "NoticeSettings",
    "RejectedRow",
    "RightsEvent",
    "SavedView",
    "SearchEntry",
    "SearchSpelling",
    "SeenRecord",
    "StagedRow",
    "User",
]
