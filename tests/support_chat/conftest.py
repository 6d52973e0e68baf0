from tests.support_chat.talking import chatter as chatter
from tests.support_chat.talking import worker as worker
