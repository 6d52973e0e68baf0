from . import conversations as conversations
from . import tickets as tickets
from . import views as views
