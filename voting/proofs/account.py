"""Sign-in at a service that people have an account of: it says who it is, and nobody is made.

django-allauth speaks with the service. Before it would sign somebody in, the adapter here takes
the service's own number of that account, keeps its keyed hash as the visitor's proof, and sends
them back. So voters get no account of this site, staff accounts cannot be reached this way, and
neither name nor picture nor address is asked for.
"""

import logging
from dataclasses import dataclass
from typing import Any, NoReturn

from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter, get_adapter
from allauth.socialaccount.models import SocialLogin
from allauth.socialaccount.providers.base import AuthError
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.weixin.views import WeixinOAuth2Adapter
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponseRedirect
from django.utils.translation import gettext

from voting.identity import keep_proof
from voting.proofs.hashes import keyed_hash

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Service:
    """A service to sign in at, and the address where that begins."""

    name: str
    url: str


def has_services() -> bool:
    """Tell whether there is any service to sign in at."""
    providers: dict[str, Any] = settings.SOCIALACCOUNT_PROVIDERS
    return any(one.get("APPS") for one in providers.values())


def services_for(request: HttpRequest, back: str) -> list[Service]:
    """Return the services to sign in at; `back` is the page that follows."""
    return [
        Service(
            gettext("Weixin") if one.id == "weixin" else one.name,
            one.get_login_url(request, next=back),
        )
        for one in get_adapter(request).list_providers(request)
    ]


def failed_words() -> str:
    """Return what is said when a service could not tell who it is."""
    return gettext(
        "The service could not tell us who you are. Nothing was kept; please try again, or try "
        "another way."
    )


class VoterAdapter(DefaultSocialAccountAdapter):
    """allauth's ways, up to the point where somebody would be signed in."""

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> NoReturn:
        """Keep the proof and go back; allauth never goes on to sign in, connect or register."""
        account = sociallogin.account
        # Weixin numbers a person anew for each app; the union id is one for all of an owner's.
        number = account.extra_data.get("unionid") or account.uid
        keep_proof(request, "account", keyed_hash("account", f"{account.provider} {number}"))
        raise ImmediateHttpResponse(HttpResponseRedirect(_back(sociallogin.state)))

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        return False

    def on_authentication_error(
        self,
        request: HttpRequest,
        provider: Any,
        error: Any = None,
        exception: Exception | None = None,
        extra_context: dict[str, Any] | None = None,
    ) -> NoReturn:
        """Go back to the page that asked, and say what happened."""
        if error == AuthError.CANCELLED:
            words = gettext("You cancelled the sign-in. Nothing was kept; you can try again.")
        else:
            words = failed_words()
            logger.warning("Sign-in at %s failed: %s", provider, type(exception).__name__)
        messages.warning(request, words)
        state = (extra_context or {}).get("state")
        raise ImmediateHttpResponse(HttpResponseRedirect(_back(state)))


def _back(state: dict[str, Any] | None) -> str:
    """Return the address that was checked and kept when the sign-in began."""
    return (state or {}).get("next") or "/"


class WeixinAdapter(WeixinOAuth2Adapter):
    """Weixin, without fetching the profile: the numbers come with the token already."""

    def complete_login(
        self, request: HttpRequest, app: Any, token: Any, **kwargs: Any
    ) -> SocialLogin:
        numbers = {key: kwargs["response"].get(key, "") for key in ("openid", "unionid")}
        if not numbers["openid"]:
            raise OAuth2Error("Weixin named no account")
        return self.get_provider().sociallogin_from_response(request, numbers)
