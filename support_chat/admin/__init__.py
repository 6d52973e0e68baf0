from . import attachments as attachments
from . import knowledge as knowledge
from . import webhooks as webhooks
