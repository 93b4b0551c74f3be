"""ffmpeg as this room runs it: under the video's limits, its last words read as a verdict."""

import os
from collections.abc import Callable

from media_processing.derive import Job
from media_processing.limits import ProgramFailed, TooCostly, run
from media_processing.rules import UploadRefused
from media_processing.states import Reason

THREADS = min(os.cpu_count() or 1, 4)
# ffmpeg takes the signal of the CPU limit for a wish to end, and ends in good order.
ENDED_BY_SIGNAL = 255
OUR_FAULT = ("No space left on device", "Cannot allocate memory")
PROGRESS = ["-progress", "pipe:1", "-stats_period", "0.5"]


def run_ffmpeg(
    arguments: list[str],
    job: Job,
    on_line: Callable[[str], None] = lambda line: None,
    tells: list[str] = PROGRESS,
) -> None:
    """Run ffmpeg with compiled `arguments`; `on_line` hears its progress, or what `tells` asks.

    Raises UploadRefused when the file is to blame, ProgramFailed, LeaseLost.
    """
    program = [arguments[0], "-nostdin", "-v", "error", "-y", *tells, *arguments[1:]]
    try:
        run(program, limits=job.video_limits, on_line=on_line, beat=job.beat)
    except TooCostly as error:
        raise UploadRefused(Reason.TOO_COSTLY) from error
    except ProgramFailed as error:
        if error.code == ENDED_BY_SIGNAL:
            raise UploadRefused(Reason.TOO_COSTLY) from error
        if error.was_killed or any(words in error.tail for words in OUR_FAULT):
            raise
        raise UploadRefused(Reason.DAMAGED) from error
