"""A worker that kills itself with -9 in one step of the pipeline, once for each kind of file.

    python -m tests.faults.dying_worker STEP FOLDER [--no-sweeper]

FOLDER keeps which kinds it has died at. The blow falls at the step's own place, not near it.
"""

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from threading import Timer
from typing import Any

DERIVING_SECONDS = 0.25


def main() -> None:
    import django

    django.setup()
    from media_processing import worker

    step, folder, *options = sys.argv[1:]
    if "--no-sweeper" in options:
        worker.sweep = lambda: None
    if step != "none":
        BLOWS[step](Mark(step, Path(folder)))
    worker.WorkerProcess(until_idle=False).run()


class Mark:
    """Where a kind of file is killed at, and whether that has been done."""

    def __init__(self, step: str, folder: Path) -> None:
        self.step, self.folder = step, folder

    def strike(self, asset: Any) -> None:
        """Die, unless a worker before has died for a file of this kind at this step."""
        if self.is_due(asset):
            os.kill(os.getpid(), signal.SIGKILL)

    def is_due(self, asset: Any) -> bool:
        try:
            (self.folder / f"{self.step}-{asset.kind}").touch(exist_ok=False)
        except FileExistsError:
            return False
        return True


def _in_copying(mark: Mark) -> None:
    from media_processing import leases

    note = leases.note_digest
    leases.note_digest = lambda asset, *rest: (mark.strike(asset), note(asset, *rest))


def _in_checking(mark: Mark) -> None:
    _before("_job", mark)


def _in_deriving(mark: Mark) -> None:
    """Die while the decoder runs, a process of its own."""
    from media_processing import pipeline

    def later(job: Callable[..., Any]) -> Callable[..., Any]:
        def made(asset: Any, *rest: Any) -> Any:
            if mark.is_due(asset):
                Timer(DERIVING_SECONDS, os.kill, [os.getpid(), signal.SIGKILL]).start()
            return job(asset, *rest)

        return made

    pipeline._job = later(pipeline._job)


def _in_publishing(mark: Mark) -> None:
    """Die when the first public file is there and the others are not."""
    from media_processing import pipeline

    publish = pipeline._publish

    def struck(asset: Any, *rest: Any) -> Any:
        row = publish(asset, *rest)
        mark.strike(asset)
        return row

    pipeline._publish = struck


def _in_finishing(mark: Mark) -> None:
    """Die inside the transaction, with the state written and the derivatives not."""
    from media_processing import leases

    update = leases._update_mine

    def struck(asset: Any, **fields: Any) -> None:
        update(asset, **fields)
        if "format" in fields:
            mark.strike(asset)

    leases._update_mine = struck


def _in_telling(mark: Mark) -> None:
    """Die when the file is ready and its task still counts as running."""
    _before("_tell", mark)


def _before(name: str, mark: Mark) -> None:
    from media_processing import pipeline

    function = getattr(pipeline, name)

    def struck(asset: Any, *rest: Any) -> Any:
        mark.strike(asset)
        return function(asset, *rest)

    setattr(pipeline, name, struck)


BLOWS: dict[str, Callable[[Mark], None]] = {
    "copy": _in_copying,
    "check": _in_checking,
    "derive": _in_deriving,
    "publish": _in_publishing,
    "finish": _in_finishing,
    "tell": _in_telling,
}

if __name__ == "__main__":
    main()
