"""A stand-in for OpenAI on the loopback interface: its paths and shapes, answers made from the prompt's data.

It knows nothing of Sika. Mount `app` at `/openai/v1`. A model named `sandbox-<fault>` misbehaves (`faults.py`
lists how), and so does every model after `POST /_sandbox/script {"fault": "500", "times": 2}`.
`GET /_sandbox/calls` tells what was asked since `POST /_sandbox/reset`.
"""

from ai_features.sandbox.server import app

__all__ = ["app"]
