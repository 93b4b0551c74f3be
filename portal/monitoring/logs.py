"""How a log line is written: for people, or as JSON for programs. Neither tells a secret."""

import logging
from typing import Any

from pythonjsonlogger.core import RESERVED_ATTRS
from pythonjsonlogger.json import JsonFormatter

from portal.monitoring.context import labels
from portal.monitoring.redaction import all_without_secrets, without_secrets


class Line(logging.Formatter):
    """Time, level, logger, id of the request or task, message."""

    def __init__(self) -> None:
        super().__init__("{asctime} {levelname} {name} [{doing}]: {message}", style="{")

    def format(self, record: logging.LogRecord) -> str:
        record.doing = " ".join(labels().values()) or "-"
        return without_secrets(super().format(record))


class JsonLine(JsonFormatter):
    """The same as an object, with whatever the logger gave as `extra`."""

    def __init__(self) -> None:
        super().__init__(
            "{levelname}{name}{message}",
            style="{",
            rename_fields={"levelname": "level", "name": "logger", "exc_info": "traceback"},
            timestamp="time",
            # Django's request would be written with its query.
            reserved_attrs=[*RESERVED_ATTRS, "request"],
            json_ensure_ascii=False,
        )

    def process_log_record(self, log_data: dict[str, Any]) -> dict[str, Any]:
        """Add the ids and take the secrets out, before quotes and breaks are escaped."""
        return all_without_secrets({**log_data, **labels()})
