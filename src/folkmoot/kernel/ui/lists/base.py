"""The list itself: reads the address, narrows the rows, answers the request."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar
from urllib.parse import urlencode

from django.core.exceptions import BadRequest, FieldDoesNotExist, ValidationError
from django.db.models import F, QuerySet
from django.db.models.expressions import OrderBy
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from folkmoot.kernel.permissions.access import demand
from folkmoot.kernel.ui.lists import export
from folkmoot.kernel.ui.lists.declare import BulkAction, Column, Done, Empty, GoTo
from folkmoot.kernel.ui.lists.filters import Bound, Filter, words
from folkmoot.kernel.ui.lists.views import remove_view, save_view, saved_views
from folkmoot.kernel.ui.toasts import toast

#: Words of the address that are the list's own.
OWN_WORDS = ("q", "sort", "columns", "page", "export")
MAX_BULK = 1000
#: How many filters stand beside the search field; where there are more, the last place is for "More filters".
MAX_FILTERS = 5


@dataclass(frozen=True)
class Cell:
    """One value of one row, ready for the page."""

    column: Column
    value: Any
    url: str | None

    @property
    def is_empty(self) -> bool:
        """There is nothing to read in it."""
        return self.value is None or self.value == "" or self.value == []


@dataclass(frozen=True)
class ShownRow:
    """One row, ready for the page."""

    object: Any
    first: Cell
    cells: list[Cell]


@dataclass(frozen=True)
class Heading:
    """A column's heading: its sort link and which way it sorts now."""

    column: Column
    url: str
    direction: str


@dataclass(frozen=True)
class Tab:
    """A tab above the list."""

    label: Any
    url: str
    is_current: bool
    view_id: int | None = None


@dataclass(frozen=True)
class Page:
    """Which rows are shown."""

    number: int
    count: int
    size: int

    @property
    def pages(self) -> int:
        """How many pages there are; an empty list has one."""
        return max(1, -(-self.count // self.size))

    @property
    def first(self) -> int:
        """The number of the first row shown, from 1; 0 in an empty list."""
        return (self.number - 1) * self.size + 1 if self.count else 0

    @property
    def last(self) -> int:
        """The number of the last row shown."""
        return min(self.number * self.size, self.count)


class List:
    """A list page. Subclasses declare; :meth:`respond` answers.

    Class attributes: see ``kernel/ui/README.md`` ("Lists").
    """

    key: ClassVar[str]
    title: ClassVar[Any]
    columns: ClassVar[Sequence[Column]]
    filters: ClassVar[Sequence[Filter]] = ()
    bulk_actions: ClassVar[Sequence[BulkAction]] = ()
    #: Tabs that everybody has: (label, what the address says).
    tabs: ClassVar[Sequence[tuple[Any, str]]] = ()
    default_sort: ClassVar[str] = ""
    empty: ClassVar[Empty] = Empty("")
    search_label: ClassVar[Any] = ""
    page_size: ClassVar[int] = 50
    template: ClassVar[str] = "ui/list_page.html"

    def __init__(self, request: HttpRequest, **context: Any) -> None:
        """``context`` is what the list hangs on, for ``queryset`` to use (``self.context["project"]``)."""
        self.request = request
        self.user: Any = request.user
        self.context = context

    # -------------------------------------------------- what a list fills in

    def queryset(self) -> QuerySet[Any]:
        """All rows that the person may see."""
        raise NotImplementedError

    def search(self, queryset: QuerySet[Any], words: str) -> QuerySet[Any]:
        """The rows that match the words of the search field. A list without this has no search field."""
        raise NotImplementedError

    def decorate(self, rows: list[Any]) -> None:
        """Add to the rows of one page, or of one chunk of an export, what needs further queries: a fixed number."""

    def to_show(self) -> QuerySet[Any]:
        """The matching rows, as a page of them is read best."""
        return self.matching

    # ------------------------------------------------------------ the address

    @cached_property
    def can_search(self) -> bool:
        """The subclass says how to search."""
        return type(self).search is not List.search

    @cached_property
    def words(self) -> str:
        """What the search field says."""
        return next(iter(words(self.request.GET, "q")), "") if self.can_search else ""

    @cached_property
    def bound(self) -> list[Bound]:
        """The filters with what the address says of them."""
        return [each.bind(self.request.GET) for each in self.filters]

    @cached_property
    def first_filters(self) -> list[Bound]:
        """The filters that stand beside the search field: all if they are few, else the first that are chosen from."""
        if len(self.bound) <= MAX_FILTERS:
            return self.bound
        return [bound for bound in self.bound if not bound.is_typed][: MAX_FILTERS - 1]

    @property
    def more_filters(self) -> list[Bound]:
        """The filters that are folded under "More filters"."""
        return [bound for bound in self.bound if bound not in self.first_filters]

    @cached_property
    def columns_shown(self) -> list[Column]:
        """The chosen columns in their declared order; the first column always."""
        wished = {part for word in words(self.request.GET, "columns") for part in word.split(",")}
        chosen = [column for column in self.columns[1:] if column.key in wished]
        return [self.columns[0], *(chosen or [column for column in self.columns[1:] if column.shown])]

    @property
    def column_choices(self) -> list[tuple[Column, bool]]:
        """The columns that can be chosen, and whether each is shown."""
        return [(column, column in self.columns_shown) for column in self.columns[1:]]

    @cached_property
    def sort(self) -> str:
        """The column's key it is sorted by, with ``-`` before it when descending."""
        sortable = {column.key for column in self.columns if column.sort}
        for word in words(self.request.GET, "sort")[:1]:
            if word.removeprefix("-") in sortable:
                return word
        return self.default_sort

    def query(self, *, without: tuple[str, str] | None = None, sort: str | None = None, page: int = 1) -> str:
        """The canonical address after the question mark: filters, search, sort, columns, page; defaults left out."""
        pairs: list[tuple[str, str]] = []
        if self.words and without != ("q", self.words):
            pairs.append(("q", self.words))
        for bound in self.bound:
            pairs += [(bound.filter.key, word) for word in bound.raw if without != (bound.filter.key, word)]
        if (sort or self.sort) != self.default_sort:
            pairs.append(("sort", sort or self.sort))
        usual = [column for column in self.columns[1:] if column.shown]
        if self.columns_shown[1:] != usual:
            pairs.append(("columns", ",".join(column.key for column in self.columns_shown[1:])))
        if page > 1:
            pairs.append(("page", str(page)))
        return urlencode(pairs)

    def address(self, query: str) -> str:
        """This page with another query."""
        return f"{self.request.path}?{query}" if query else self.request.path

    # --------------------------------------------------------------- the rows

    @cached_property
    def matching(self) -> QuerySet[Any]:
        """The rows that pass search and filters, in their order."""
        return self.narrowed(self.queryset())

    def narrowed(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Of these rows, those that pass search and filters, in their order."""
        if self.words:
            queryset = self.search(queryset, self.words)
        for bound in self.bound:
            queryset = bound.filter.narrow(queryset, bound)
        order = self.order(queryset)
        return queryset.order_by(*order) if order else queryset

    def order(self, queryset: QuerySet[Any]) -> list[OrderBy | F | str]:
        """The order: the chosen column, empty values last, then the primary key so that pages never overlap."""
        column = next((c for c in self.columns if c.sort and c.key == self.sort.removeprefix("-")), None)
        if column is None:
            return []
        down = self.sort.startswith("-")
        fields: list[OrderBy | F | str] = []
        for name in column.sort.split(","):
            reverse_field = down != name.startswith("-")
            bare = name.strip().removeprefix("-")
            last = True if self._may_be_null(queryset, bare) else None
            fields.append(F(bare).desc(nulls_last=last) if reverse_field else F(bare).asc(nulls_last=last))
        return [*fields, "-pk" if down else "pk"]

    @staticmethod
    def _may_be_null(queryset: QuerySet[Any], name: str) -> bool:
        try:
            return bool(getattr(queryset.model._meta.get_field(name), "null", True))
        except FieldDoesNotExist:
            return True

    @cached_property
    def page(self) -> Page:
        """The page that the address asks for: 1 when it makes no sense, the last when it is beyond."""
        count = self.matching.count()
        asked = next(iter(words(self.request.GET, "page")), "1")
        number = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 10 else 1
        page = Page(1, count, self.page_size)
        return Page(min(max(number, 1), page.pages), count, self.page_size)

    @cached_property
    def rows(self) -> list[ShownRow]:
        """The rows of the page."""
        start = (self.page.number - 1) * self.page_size
        found = list(self.to_show()[start : start + self.page_size]) if self.page.count else []
        self.decorate(found)
        shown = []
        for row in found:
            first, *rest = [
                Cell(column, column.read(row), column.link(row) if column.link else None)
                for column in self.columns_shown
            ]
            shown.append(ShownRow(row, first, rest))
        return shown

    # ---------------------------------------------------------- for the page

    @cached_property
    def headings(self) -> list[Heading]:
        """The columns' headings."""
        made = []
        for column in self.columns_shown:
            down = self.sort == column.key
            direction = "ascending" if down else "descending" if self.sort == f"-{column.key}" else ""
            url = (
                self.address(self.query(sort=f"-{column.key}" if down else column.key)) if column.sort else ""
            )
            made.append(Heading(column, url, direction))
        return made

    @cached_property
    def all_tabs(self) -> list[Tab]:
        """ "All", the declared tabs, the person's own."""
        here = self.query()
        made = [Tab(_("All"), self.request.path, not here)]
        made += [Tab(label, self.address(query), query == here) for label, query in self.tabs]
        made += [
            Tab(view.name, self.address(view.query), view.query == here, view.pk)
            for view in saved_views(self.user, self.key)
        ]
        return made

    @property
    def own_tab(self) -> Tab | None:
        """The person's own view that is shown, if one is."""
        return next((tab for tab in self.all_tabs if tab.is_current and tab.view_id), None)

    @property
    def can_save(self) -> bool:
        """The list is filtered or arranged in a way that no tab has yet."""
        return not any(tab.is_current for tab in self.all_tabs)

    @property
    def is_narrowed(self) -> bool:
        """Search or filters leave some rows out by the person's wish."""
        return bool(self.words) or any(bound.is_active for bound in self.bound)

    @property
    def chips(self) -> list[tuple[Any, Any, str]]:
        """What narrows the list: (filter's label, value's label, address without it)."""
        made: list[tuple[Any, Any, str]] = []
        if self.words:
            made.append((_("Search"), self.words, self.address(self.query(without=("q", self.words)))))
        for bound in self.bound:
            made += [
                (bound.filter.label, label, self.address(self.query(without=(bound.filter.key, word))))
                for word, label in bound.chips
            ]
        return made

    @property
    def page_links(self) -> dict[str, str]:
        """Addresses of the neighbouring pages, where there are any."""
        links = {}
        if self.page.number > 1:
            links["before"] = self.address(self.query(page=self.page.number - 1))
        if self.page.number < self.page.pages:
            links["after"] = self.address(self.query(page=self.page.number + 1))
        return links

    @property
    def exports(self) -> list[tuple[str, str]]:
        """(label, address) of each file."""
        here = self.query()
        return [
            (ending.upper(), self.address(f"{here}&export={ending}" if here else f"export={ending}"))
            for ending in ("csv", "xlsx")
        ]

    @cached_property
    def bulk_allowed(self) -> list[BulkAction]:
        """The bulk actions that the person may use."""
        return [action for action in self.bulk_actions if self.user.has_perm(action.permission)]

    @property
    def empty_url(self) -> str:
        """Where the first step leads, for those who may take it."""
        step = self.empty
        return reverse(step.url_name) if step.url_name and self.user.has_perm(step.permission) else ""

    # ------------------------------------------------------------- responding

    def respond(self, template: str = "", **context: Any) -> HttpResponseBase:
        """Answer the request: the page, a file, or what was posted.

        Raises:
            PermissionDenied: a bulk action that the person may not use.
            BadRequest: something posted that the list does not know.
        """
        if self.request.method == "POST":
            return self._posted()
        wished = self.request.GET.get("export", "")
        if wished == "csv":
            return export.as_csv(self)
        if wished == "xlsx":
            return export.as_xlsx(self)
        response = render(self.request, template or self.template, {"list": self, **self.context, **context})
        if getattr(self.request, "htmx", False):
            response["HX-Push-Url"] = self.address(self.query(page=self.page.number))
        return response

    def _posted(self) -> HttpResponse:
        posted = self.request.POST
        back = self.address(self.query(page=self.page.number))
        try:
            if "bulk" in posted:
                done = self._run_bulk(posted["bulk"])
                if isinstance(done, GoTo):
                    return HttpResponseRedirect(done.url)
                toast(self.request, done.text, undo_url=done.undo_url)
            elif "view_save" in posted:
                save_view(user=self.user, list_key=self.key, name=posted["view_save"], query=self.query())
                toast(self.request, _("View saved."))
            elif posted.get("view_remove", "").isdecimal():
                remove_view(user=self.user, list_key=self.key, view_id=int(posted["view_remove"][:18]))
                toast(self.request, _("View removed."))
            else:
                raise BadRequest(_("The list does not know what was posted."))
        except ValidationError as problem:
            toast(self.request, " ".join(problem.messages), failed=True)
        return HttpResponseRedirect(back)

    def _run_bulk(self, key: str) -> Done | GoTo:
        action = next((action for action in self.bulk_actions if action.key == key), None)
        if action is None:
            raise BadRequest(_("The list does not know this action."))
        demand(self.user, action.permission)
        ids = {
            int(word) for word in self.request.POST.getlist("selected") if word.isdecimal() and len(word) < 19
        }
        if not ids:
            raise ValidationError(_("Select rows first."))
        if len(ids) > MAX_BULK:
            raise ValidationError(_("Select at most %(n)s rows at a time.") % {"n": MAX_BULK})
        done = action.run(user=self.user, queryset=self.queryset().filter(pk__in=ids))
        return done if isinstance(done, Done | GoTo) else Done(str(done))
