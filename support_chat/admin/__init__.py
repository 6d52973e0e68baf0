from . import attachments as attachments
from . import conversations as conversations
from . import figures as figures
from . import knowledge as knowledge
from . import tickets as tickets
from . import views as views
from . import webhooks as webhooks
