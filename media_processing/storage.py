"""Two storages: originals are private, derivatives are public and content-addressed."""

from django.core.files.storage import FileSystemStorage


class PrivateFileSystemStorage(FileSystemStorage):
    """Originals on disk; no address leads to them."""

    def url(self, name: str | None) -> str:
        """Raise ValueError: an original is handed out by a signed link only."""
        raise ValueError("An original has no public address.")


class DerivativeFileSystemStorage(FileSystemStorage):
    """Derivatives on disk."""
