from . import knowledge as knowledge
