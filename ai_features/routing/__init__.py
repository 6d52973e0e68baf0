"""Decides, without a model, whether a free question needs one. Pure: text in, decision out."""

from ai_features.routing.router import AI, LOCAL, NEEDS_CUSTOMERS, UNCLEAR, Decision, decide

__all__ = ["AI", "LOCAL", "NEEDS_CUSTOMERS", "UNCLEAR", "Decision", "decide"]
