"""The support chat's pages in the admin."""

from . import figures

__all__ = ["figures"]
