from . import conversations as conversations
from . import knowledge as knowledge
from . import tickets as tickets
from . import views as views
