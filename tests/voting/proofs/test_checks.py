"""What `manage.py check` says of the gateway."""

import pytest
from django.core.checks import run_checks


@pytest.mark.parametrize(
    ("gateway", "found"),
    [
        ("", []),
        ("voting.proofs.sms.ConsoleGateway", ["voting.W001"]),
        ("nowhere.Gateway", ["voting.E001"]),
        ("tests.voting.proofs.conftest.Gateway", []),
    ],
)
def test_a_gateway_that_cannot_send_is_found(settings, gateway, found):
    settings.SMS_GATEWAY = gateway
    ids = [message.id for message in run_checks(include_deployment_checks=True)]
    assert [one for one in ids if one.startswith("voting.")] == found
