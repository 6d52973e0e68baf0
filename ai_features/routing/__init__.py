"""Decides, without a model, whether a free question needs one. Pure: text in, decision out."""

from ai_features.routing.router import Decision, decide

__all__ = ["Decision", "decide"]
