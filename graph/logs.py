"""How the server logs: one JSON object a line to stderr, or coloured lines where a person is watching.

Secrets are taken out of every line (`redaction.py`), also of those that libraries write through `logging`. Tracebacks
are without local variables: those hold prompts and keys.
"""

import logging
import sys

import structlog
from structlog.tracebacks import ExceptionDictTransformer
from structlog.typing import EventDict, Processor, WrappedLogger

from graph.redaction import redact
from graph.store.failures import is_passing


def configure_logs(level: str) -> None:
    """Sets the level (`debug`, `info`, `warning` or `error`) and the form, for the whole process."""
    watched = sys.stderr.isatty()
    first: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    last: list[Processor] = [_tell_exceptions(watched), redact_line, _renderer(watched)]
    number = logging.getLevelNamesMapping()[level.upper()]
    structlog.configure(
        processors=[*first, *last],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    _take_in_libraries(first, last, max(number, logging.WARNING))


def redact_line(logger: WrappedLogger, method: str, line: EventDict) -> EventDict:
    """The processor that takes secrets out."""
    redacted: EventDict = redact(line)
    return redacted


def _tell_exceptions(watched: bool) -> Processor:
    if watched:
        return structlog.processors.format_exc_info
    return structlog.processors.ExceptionRenderer(ExceptionDictTransformer(show_locals=False))


def _renderer(watched: bool) -> Processor:
    if watched:
        return structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
    return structlog.processors.JSONRenderer(ensure_ascii=False)


def _take_in_libraries(first: list[Processor], last: list[Processor], level: int) -> None:
    """What libraries warn of comes out in the same form."""
    handler = logging.StreamHandler(sys.stderr)
    meta = structlog.stdlib.ProcessorFormatter.remove_processors_meta
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(foreign_pre_chain=first, processors=[meta, *last]))
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)
    logging.getLogger("pymongo.client").filters = [shorten_outage]


def shorten_outage(line: logging.LogRecord) -> bool:
    """The filter for what the driver does in the background: that a database is away is one line, and no fault."""
    error = line.exc_info[1] if line.exc_info else None
    if error is not None and is_passing(error):
        line.levelno, line.levelname = logging.WARNING, "WARNING"
        line.msg, line.args, line.exc_info = "the driver tidies up later", (), None
    return True
