"""The list of tokens: one's own, or everybody's."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from folkmoot.kernel import clock
from folkmoot.kernel.tokens import queries
from folkmoot.kernel.tokens.models import ApiToken
from folkmoot.kernel.tokens.scopes import labels
from folkmoot.kernel.ui.lists import Column, Empty, FlagFilter, List


def state(token: ApiToken) -> tuple[str, str]:
    """A tone and a word: whether the token holds, and if not, why."""
    if token.revoked_at is not None:
        return "quiet", _now("revoked")
    if token.has_run_out(clock.now()):
        return "quiet", _now("run out")
    return ("done", _now("holds")) if token.owner.is_active else ("quiet", _now("owner switched off"))


class TokensList(List):
    """A person's own tokens."""

    key = "tokens"
    title = _("API tokens")
    columns: ClassVar[tuple[Column, ...]] = (
        Column("name", _("Name"), value="name", sort="name"),
        Column("prefix", _("Begins with"), value="prefix", template="tokens/cells/prefix.html"),
        Column("scopes", _("It may"), value=lambda token: ", ".join(labels(token.scopes))),
        Column("created", _("Made"), value="created_at", sort="created_at", shown=False),
        Column("used", _("Last used"), value="last_used_at", sort="last_used_at"),
        Column("expires", _("Holds until"), value="expires_at", sort="expires_at"),
        Column(
            "state",
            _("State"),
            value=lambda token: state(token)[1],
            template="tokens/cells/state.html",
        ),
    )
    filters = (
        FlagFilter(
            "holds",
            _("State"),
            apply=lambda tokens, on: queries.holding(tokens, clock.now(), on),
            yes=_("Hold"),
            no=_("Ended"),
            default=True,
        ),
    )
    default_sort = "name"
    empty = Empty(
        _("No tokens yet"),
        _("A token lets a program, such as a dashboard or a website build, read and write here for you."),
        _("New token"),
        "tokens:new",
        "tokens.own",
        "key",
    )

    def queryset(self) -> QuerySet[ApiToken]:
        return queries.tokens_of(self.user)

    def search(self, queryset: QuerySet[ApiToken], words: str) -> QuerySet[ApiToken]:
        for word in words.split():
            queryset = queryset.filter(Q(name__icontains=word) | Q(prefix__startswith=word))
        return queryset

    def decorate(self, rows: list[Any]) -> None:
        for row in rows:
            row.tone, row.state_word = state(row)
            row.may_revoke = row.holds(clock.now())


class AllTokensList(TokensList):
    """Everybody's tokens, for admins."""

    key = "tokens.all"
    title = _("Everybody's API tokens")
    columns: ClassVar[tuple[Column, ...]] = (
        TokensList.columns[0],
        Column("owner", _("Whose"), value=lambda token: str(token.owner), sort="owner__name", avatar=True),
        *TokensList.columns[1:],
    )

    def queryset(self) -> QuerySet[ApiToken]:
        return queries.all_tokens()

    def search(self, queryset: QuerySet[ApiToken], words: str) -> QuerySet[ApiToken]:
        for word in words.split():
            queryset = queryset.filter(
                Q(name__icontains=word)
                | Q(prefix__startswith=word)
                | Q(owner__name__icontains=word)
                | Q(owner__email__icontains=word)
            )
        return queryset
