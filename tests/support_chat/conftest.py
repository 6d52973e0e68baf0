from tests.support_chat.talking import chatter as chatter
