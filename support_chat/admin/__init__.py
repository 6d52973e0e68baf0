from . import figures as figures
from . import knowledge as knowledge
