"""A photo: decoded and made into all its sizes in a process of its own."""

import json
from collections.abc import Callable
from pathlib import Path

from media_processing.derive import Derived, Job
from media_processing.limits import Limits, TooCostly
from media_processing.nursery import run
from media_processing.rules import MediaRules, UploadRefused
from media_processing.states import Reason

STILLS = "media_processing.derive.stills"


def derive(job: Job) -> Derived:
    """Make the pictures of a photo. Raises UploadRefused, ProgramFailed, LeaseLost."""
    job.report("pictures", 10)
    return derive_stills(
        [job.source],
        format_name=job.format,
        rules=job.rules,
        role="picture",
        folder=job.folder,
        limits=job.photo_limits,
        beat=job.beat,
    )


def derive_stills(
    sources: list[Path],
    *,
    format_name: str,
    rules: MediaRules,
    role: str,
    folder: Path,
    limits: Limits,
    beat: Callable[[], None],
    moments: Path | None = None,
) -> Derived:
    """Make every size of the most telling of the sources, and perceptual hashes, under limits.

    The hashes are of that source, or of the `moments` of a film, as `ladder` writes them.
    Raises UploadRefused, ProgramFailed when the process died, and what `beat` raises.
    """
    order = {
        "sources": [str(one) for one in sources],
        "format": format_name,
        "rules": rules.as_json(),
        "role": role,
        "folder": str(folder),
        "moments": str(moments) if moments else "",
    }
    try:
        words = json.dumps(order).encode()
        answer = json.loads(run(STILLS, limits=limits, stdin=words, beat=beat))
    except TooCostly as error:
        raise UploadRefused(Reason.TOO_COSTLY) from error
    if "refused" in answer:
        raise UploadRefused(Reason(answer["refused"]), answer["values"])
    return Derived.from_json(answer)
