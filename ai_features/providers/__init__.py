"""The one place that speaks to model companies: each has its file here and its name in the catalogue."""

from ai_features.providers.base import Provider, ProviderFailed
from ai_features.providers.openai_compatible import OpenAICompatible

_PROVIDERS: dict[str, Provider] = {"openai": OpenAICompatible()}


def find(name: str) -> Provider:
    """The provider the catalogue calls `name`, ready. Raises ProviderFailed for one that is not built in."""
    if name not in _PROVIDERS:
        raise ProviderFailed(f"unknown_provider:{name}")
    provider = _PROVIDERS[name]
    provider.prepare()
    return provider
