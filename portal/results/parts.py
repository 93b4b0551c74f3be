"""Parts of a package on disk: there in full, or not there. Plain files, no Django."""

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

Step = Callable[[int, int], None]  # done, total: what a maker tells after each part


@contextmanager
def whole(path: Path) -> Iterator[Path]:
    """Yield a place beside `path` to write to; on a good end it becomes `path`, at once.

    Two writers of the same part, one of which was taken for dead, don't meet.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=".part-") as aside:
        place = Path(aside) / path.name
        yield place
        with place.open("rb") as file:
            os.fsync(file.fileno())
        os.replace(place, path)
