from .jobs import AIJob, AIJobPart
from .requests import AIRequest

__all__ = ["AIJob", "AIJobPart", "AIRequest"]
