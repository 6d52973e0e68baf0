from .requests import AIRequest

__all__ = ["AIRequest"]
