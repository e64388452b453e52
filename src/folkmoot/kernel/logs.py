"""Structured logs: JSON for machines, coloured lines in a terminal."""

from __future__ import annotations

import logging
import logging.config
import sys
from typing import Any

import structlog

from folkmoot.kernel.ops import redact


def configure(style: str, *, quiet: bool = False) -> None:
    """Set up structlog and the standard logging beneath it.

    Args:
        style: ``json``, ``console`` or ``auto`` (console when standard error is a terminal).
        quiet: only warnings and worse.
    """
    console = style == "console" or (style == "auto" and sys.stderr.isatty())
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
        redact.fields,
    ]
    renderer: list[Any] = (
        # Plain: the richer traceback shows variables, and so whatever they hold.
        [structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)]
        if console
        else [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
    )
    renderer.append(redact.line)
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    logging.config.dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "formatters": {
                "structured": {
                    "()": structlog.stdlib.ProcessorFormatter,
                    "foreign_pre_chain": shared,
                    "processors": [structlog.stdlib.ProcessorFormatter.remove_processors_meta, *renderer],
                }
            },
            "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "structured"}},
            "root": {"handlers": ["stderr"], "level": "WARNING" if quiet else "INFO"},
            "loggers": {"huey": {"level": "WARNING"}, "httpx": {"level": "WARNING"}},
        }
    )
