from . import attachments as attachments
from . import figures as figures
from . import knowledge as knowledge
from . import webhooks as webhooks
