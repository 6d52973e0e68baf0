"""The one place that speaks to model companies: each has its file here, and its name in `AI_PROVIDERS`."""

import functools

from django.conf import settings

from ai_features.providers.anthropic_messages import AnthropicMessages
from ai_features.providers.base import Provider, ProviderFailed
from ai_features.providers.openai_compatible import OpenAICompatible


def find(name: str) -> Provider:
    """The provider the catalogue calls `name`, ready. Raises ProviderFailed for one nobody configured."""
    server = settings.AI_PROVIDERS.get(name)
    if server is None:
        raise ProviderFailed(f"unknown_provider:{name}")
    provider = _provider(name, server["base_url"], server["api_key"])
    provider.prepare()
    return provider


@functools.lru_cache(maxsize=32)
def _provider(name: str, base_url: str, api_key: str) -> Provider:
    made = AnthropicMessages if name == "anthropic" else OpenAICompatible
    return made(base_url=base_url, api_key=api_key)
