"""The factories make rows that the database's constraints accept."""

import pytest
from factory.django import DjangoModelFactory

from tests import factories

pytestmark = pytest.mark.django_db

ALL = [
    value
    for name, value in vars(factories).items()
    if name.endswith("Factory")
    and name != "DerivativeFactory"
    and issubclass(value, DjangoModelFactory)
    and value._meta.model is not None
]


@pytest.mark.parametrize("factory", ALL, ids=lambda f: f.__name__)
def test_each_factory_makes_a_row(factory):
    assert factory().pk is not None


def test_a_submitted_entry_of_the_factory_has_number_and_rights():
    entry = factories.EntryFactory(state="admitted")
    assert entry.number.startswith("P-")
    assert entry.rights_accepted_at is not None
    assert entry.frames.count() == 1
