"""What the ledger reads of import sources."""

from folkmoot.ledger.imports import activity_table as activity_table
from folkmoot.ledger.imports import github_issues as github_issues
