"""What an area can declare in its ``plugs.py`` to join the house.

Each registry holds small declared things; whoever shows them (navigation, Today, search, reports, metrics,
jobs, imports) asks the registry and never the area.
"""

from folkmoot.kernel.plugs.calendar import CalendarEntry, CalendarSource, calendar_sources
from folkmoot.kernel.plugs.frame import Command, NavEntry, commands, navigation
from folkmoot.kernel.plugs.house import (
    ApiRouter,
    Handover,
    PublicFigures,
    Starter,
    api_routers,
    handovers,
    public_figures,
    starters,
)
from folkmoot.kernel.plugs.records import (
    RecordPanel,
    TimelineEntry,
    TimelineGroup,
    TimelineSource,
    counted,
    older,
    one_group,
    record_panels,
    timeline_sources,
)
from folkmoot.kernel.plugs.today import (
    GoodNews,
    GoodNewsSource,
    TodayItem,
    TodaySource,
    good_news_sources,
    today_sources,
)
from folkmoot.kernel.plugs.work import (
    MonitorFigure,
    ScheduledJob,
    WorkerLoop,
    monitor_figures,
    schedule,
    worker_loops,
)

__all__ = [
    "ApiRouter",
    "CalendarEntry",
    "CalendarSource",
    "Command",
    "GoodNews",
    "GoodNewsSource",
    "Handover",
    "MonitorFigure",
    "NavEntry",
    "PublicFigures",
    "RecordPanel",
    "ScheduledJob",
    "Starter",
    "TimelineEntry",
    "TimelineGroup",
    "TimelineSource",
    "TodayItem",
    "TodaySource",
    "WorkerLoop",
    "api_routers",
    "calendar_sources",
    "commands",
    "counted",
    "good_news_sources",
    "handovers",
    "monitor_figures",
    "navigation",
    "older",
    "one_group",
    "public_figures",
    "record_panels",
    "schedule",
    "starters",
    "timeline_sources",
    "today_sources",
    "worker_loops",
]
