"""A stand-in for OpenAI and Anthropic on loopback: their paths and shapes, answers made of the prompt's data.

It knows nothing of Sika. Mount `app` at `/openai/v1` and `anthropic_app` at `/anthropic`. A model named
`sandbox-<fault>` misbehaves (`faults.py` lists how), and so does every model after
`POST /_sandbox/script {"fault": "500", "times": 2}`. `GET /_sandbox/calls` tells what was asked of either
since `POST /_sandbox/reset`, and in `leaks` what should not have come (`leaks.py`): formats of personal data,
and what `POST /_sandbox/forbid {"texts": ["Ama Serwaa"]}` named, until `POST /_sandbox/allow`. These five are
below `/openai/v1`.
"""

from ai_features.sandbox.anthropic import app as anthropic_app
from ai_features.sandbox.server import app

__all__ = ["anthropic_app", "app"]
