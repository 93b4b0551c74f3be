"""What an edition asks of machines, from what docs/benchmarks.md measured.

.venv/bin/python -m benchmarks.capacity               # the tables of docs/scaling.md
.venv/bin/python -m benchmarks.capacity --times 30    # for an edition thirty times as large
"""

import argparse
from dataclasses import dataclass, replace

# --- measured: docs/benchmarks.md, but for the room of a ballot ----------------------------------

VOTE_WEB = 2177e-6  # CPU seconds of the web process a vote
VOTE_DATABASE = 322e-6
VOTE_CACHE = 44e-6
PAGE_KEPT = 2 / 813  # of two cores, the clients' share included
PAGE_ANEW = 2 / 165
PHOTO = 1.1  # a JPEG of 24 megapixels
FILM = 2.39  # a second of 1080p, every rung encoded
BALLOT_KB = 0.77  # with indexes 0.59, evidence 0.18; 200,000 sealed rows on PostgreSQL

# --- supposed: put your own here ----------------------------------------------------------------

BUSY = 0.5  # share of a core that may be used: peaks within the hour, other work
VOTES_IN_THE_BUSIEST_HOUR = 0.10
PAGES_A_VOTE = 10
MADE_ANEW = 0.05  # searches, and what has just been forgotten
FILES_IN_THE_BUSIEST_DAY = 0.30  # the last before the deadline
FILM_SECONDS = 180
PHOTO_MB, VIDEO_MB = 12, 250  # originals
MADE_PHOTO_MB, MADE_VIDEO_MB = 1.5, 120  # all that is made of one
PICTURES_A_PAGE_MB = 0.8

HOUR, DAY = 3600, 86400


@dataclass(frozen=True)
class Edition:
    """How much takes part."""

    photos: int = 6526
    videos: int = 864
    votes: int = 1_000_000

    def times(self, factor: int) -> "Edition":
        """Return one so many times as large."""
        return replace(
            self,
            photos=self.photos * factor,
            videos=self.videos * factor,
            votes=self.votes * factor,
        )


@dataclass(frozen=True)
class Need:
    """What it asks for: cores in the busiest hour or day, and room."""

    votes_a_second: float
    pages_a_second: float
    web_cores: float
    database_cores: float
    photo_cores: float
    video_cores: float
    originals_gb: float
    made_gb: float
    ballots_gb: float
    line_gbit: float


def need_of(edition: Edition) -> Need:
    """Return what the edition needs. Costs grow in proportion; what does not is in the text."""
    votes = edition.votes * VOTES_IN_THE_BUSIEST_HOUR / HOUR
    pages = votes * PAGES_A_VOTE
    page = MADE_ANEW * PAGE_ANEW + (1 - MADE_ANEW) * PAGE_KEPT
    media_day = FILES_IN_THE_BUSIEST_DAY / DAY / BUSY
    return Need(
        votes_a_second=votes,
        pages_a_second=pages,
        web_cores=(votes * VOTE_WEB + pages * page) / BUSY,
        database_cores=votes * VOTE_DATABASE / BUSY,
        photo_cores=edition.photos * PHOTO * media_day,
        video_cores=edition.videos * FILM_SECONDS * FILM * media_day,
        originals_gb=(edition.photos * PHOTO_MB + edition.videos * VIDEO_MB) / 1000,
        made_gb=(edition.photos * MADE_PHOTO_MB + edition.videos * MADE_VIDEO_MB) / 1000,
        ballots_gb=edition.votes * BALLOT_KB / 1e6,
        line_gbit=pages * PICTURES_A_PAGE_MB * 8 / 1000,
    )


ROWS = {
    "votes_a_second": "votes a second",
    "pages_a_second": "pages a second",
    "web_cores": "cores: web",
    "database_cores": "cores: PostgreSQL, for votes",
    "photo_cores": "cores: photos",
    "video_cores": "cores: videos",
    "originals_gb": "originals, GB",
    "made_gb": "made of them, GB",
    "ballots_gb": "ballots, GB",
    "line_gbit": "line for pictures, Gbit/s",
}


def table(factors: list[int]) -> str:
    """Return the needs of editions of these sizes as a table in Markdown."""
    needs = [need_of(Edition().times(factor)) for factor in factors]
    lines = [
        "| in the busiest hour or day | " + " | ".join(f"{factor:,}×" for factor in factors) + " |",
        "|---|" + "---|" * len(factors),
    ]
    for name, words in ROWS.items():
        lines.append(f"| {words} | " + " | ".join(_short(getattr(n, name)) for n in needs) + " |")
    return "\n".join(lines)


def _short(value: float) -> str:
    return f"{value:,.0f}" if value >= 10 else f"{value:.2g}"


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, nargs="+", default=[1, 10, 100, 1000])
    print(table(parser.parse_args().times))


if __name__ == "__main__":
    main()
