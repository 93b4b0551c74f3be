"""The people of the admin's tests."""

from tests.admin.conftest import manager, page_root

__all__ = ["manager", "page_root"]
