"""Which phase is open, always asked of the clock; and which declaration is in force."""

from datetime import datetime

from competition.editions.models import Declaration, Edition, Phase


def find_phase(edition: Edition, kind: str) -> Phase | None:
    """Return the edition's phase of this kind, or None; one query for all phases."""
    phases = {phase.kind: phase for phase in edition.phases.all()}
    return phases.get(kind)


def is_phase_open(edition: Edition, kind: str, at: datetime | None = None) -> bool:
    """Tell whether the phase exists and is open at `at` (default: now)."""
    phase = find_phase(edition, kind)
    return phase is not None and phase.is_open(at)


def has_phase_closed(edition: Edition, kind: str, at: datetime | None = None) -> bool:
    """Tell whether the phase exists and its time is over."""
    phase = find_phase(edition, kind)
    return phase is not None and phase.has_closed(at)


def current_declaration(edition: Edition) -> Declaration | None:
    """Return the rights declaration in force; None while the edition has none."""
    return edition.declarations.last()
