"""Sign-in at a service. Outside of the languages: a service knows one address to come back to."""

from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView, OAuth2LoginView
from allauth.socialaccount.providers.openid_connect.views import callback, login
from django.urls import path

from voting.proof_views import guarded
from voting.proofs.account import WeixinAdapter

urlpatterns = [
    path(
        "weixin/login/",
        guarded(OAuth2LoginView.adapter_view(WeixinAdapter)),
        name="weixin_login",
    ),
    path(
        "weixin/login/callback/",
        guarded(OAuth2CallbackView.adapter_view(WeixinAdapter)),
        name="weixin_callback",
    ),
    path("oidc/<slug:provider_id>/login/", guarded(login), name="openid_connect_login"),
    path(
        "oidc/<slug:provider_id>/login/callback/", guarded(callback), name="openid_connect_callback"
    ),
]
