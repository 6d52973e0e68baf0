from .findings import FalsePositive, InjectionFinding
from .jobs import AIJob, AIJobPart
from .requests import AIRequest

__all__ = ["AIJob", "AIJobPart", "AIRequest", "FalsePositive", "InjectionFinding"]
