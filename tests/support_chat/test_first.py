from tests.support_chat.talking import Chatter


def test_a_question_is_answered(chatter: Chatter) -> None:
    reply = chatter.say("How do I buy credits?")
    print(reply.text, reply.source, reply.error_code, reply.cost_usd)
    assert reply.source == "model"
