"""What Django's lookups leave to the database: registered when the kernel is loaded."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models.lookups import In


@models.IntegerField.register_lookup
class IntegerIn(In):
    """``in`` for numbers: one that no row can have is in no set of rows.

    Django says so of single numbers only; in a set, such as the ticks of a form, SQLite and PostgreSQL refuse it.
    """

    def process_rhs(self, compiler: Any, connection: Any) -> Any:
        """The set without numbers that the column cannot hold."""
        if self.rhs_is_direct_value():
            kind = self.lhs.output_field.get_internal_type()
            least, most = connection.ops.integer_field_range(kind)
            self.rhs = [
                one
                for one in self.rhs
                if not isinstance(one, int)
                or ((least is None or one >= least) and (most is None or one <= most))
            ]
        return super().process_rhs(compiler, connection)
