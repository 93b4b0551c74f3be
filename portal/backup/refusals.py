"""Why a backup is not made, or not put back."""


class BackupRefused(Exception):
    """Nothing that was there is touched; the message says what to do."""
