"""Found by Django's admin: the pages that span several apps."""

from config.catalogue import admin as catalogue

__all__ = ["catalogue"]
