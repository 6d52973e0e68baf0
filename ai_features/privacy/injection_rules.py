# ruff: noqa: E501 - a rule is easier to judge on one line
"""The list of what orders to a model look like, and what is done about each by default.

`block`: the call is refused, free. `redact`: what matched is taken out, the rest goes on. `flag`: it goes on as it
is and the rule is noted with it. What a shop might honestly write is only flagged; pasted markup is taken out.

Patterns see a reading of the text (`readings.py`): lower case, no accents, single blanks or newlines. A blank in a
pattern stands for up to three signs that are no letters, or none: s p a c e d letters come without blanks between
words. Every repetition has an upper limit, so that the time stays linear; `tests/ai_features/test_injection_time.py`
measures each rule.
"""

import re
from dataclasses import dataclass

BLOCK, REDACT, FLAG = MODES = ("block", "redact", "flag")

_EARLIER = (
    "(?:(?:previous|prior|above|earlier|preceding|hidden|initial|original|existing|system|safety|your|all|any|every|the|these|those"
    "|my|of|old|given|foregoing) ){1,5}"
)
_ORDERS = "(?:instructions?+|rules?+|prompts?+|directives?+|guidelines?+|commands?+|constraints?+|programming|restrictions|polic(?:y|ies))"
# What a label, a leaflet or a market has: those are no rules of a model.
_PRINTED = r"(?! (?:on|in|inside|from|of|for) (?:the |this |that |their |its |our |an? )?(?:old |new |other )?(?:box|label|leaflet|manual|bottle|pack|package|tin|carton|tag|booklet|paper|wall|door|promo|game|market|warranty|returns?|use|washing|payment|delivery))"
_IGNORE = (
    "(?:ignor(?:e|ing)|disregard|forget|override|overrule|bypass|neglect|discard|skip|drop|abandon|violate|break|erase|set aside|put aside|leave aside"
    "|throw away|pay no (?:attention|heed) to|take no notice of|do not (?:follow|obey|apply|use|respect|mind)|don t (?:follow|obey|apply|use|respect|mind)|never (?:follow|obey)"
    "|must not (?:follow|obey)|stop (?:following|obeying|applying|using)|no longer (?:follow|obey))"
)
_LEAK = (
    "(?:reveal|show|print|repeat|output|display|leak|disclose|tell|give|share|dump|recite|translate|summari[sz]e|copy|encode|spell out|quote"
    "|write out|write down|paraphrase|list|explain|expose|type|paste|read)"
)
_HIDDEN = "(?:system |hidden |secret |initial |original |full |entire |whole |complete |first |internal |own |exact |developer )"
_AI = "(?:ai(?: (?:assistant|model|system|bot|agent))?|llm|large language model|language model|chatbot|chat ?gpt|gpt)"
_READER = rf"(?:{_AI}|summari[sz]er)"
_VERB = (
    "(?:ignore|forget|disregard|say|write|answer|report|hide|recommend|add|leave|rank|set|praise|approve|mark|output|respond|reply|threaten|send|delete|never|always"
    "|do not|don t|stop|reveal|print|tell|give|call|claim|state|pretend|act|treat|change|make|omit|skip|exclude|remove|insert|grant|reject|raise|lower|increase|cancel"
    "|promise|insult|obey|score|rate|describe|include|use|translate|you)"
)
_STRONG = "(?:ignore|forget|disregard|you are|you must|you have|you will|threaten|approve|say|reveal|pretend|obey|insult|hide|rank|set|mark|write|answer|output|respond|reply|never|always|do not)"

_BLOCK = {
    # --- putting the standing orders aside
    "ignore_instructions": rf"{_IGNORE} (?:about )?{_EARLIER}{_ORDERS}{_PRINTED}",
    "ignore_bare": rf"\b(?:ignore|disregard|bypass|override|obey no) {_ORDERS}\b(?! (?:on|in|inside|from|of|for)\b)",
    "ignore_everything": rf"\b(?:{_IGNORE}) (?:everything|all|anything|whatever|what) (?:that )?(?:you were|you have|you ve|i said|we said|was said|that was|was written|above|before\b(?! the\b| use\b)|previously|came before|previous (?:text|messages?|content|conversation|input|context)\b)",
    "ignore_all_else": rf"\b{_IGNORE} (?:all )?(?:the |its |your )?(?:output )?(?:schema|other data|rest of the (?:data|prompt)|data above|system)\b",
    "void_above": r"\b(?:everything|all|anything|whatever|the (?:text|instructions?|messages?|rules?|lines?)|what) (?:that )?(?:before|above|until now|so far|up to (?:here|now)|you (?:were|ve been|have been) told)(?: (?:this|earlier|before|above|is|was|were|are)){0,3} (?:just |only |now )?(?:an? )?(?:tests?|example|fake|wrong|outdated|void|cancelled|no longer|not real|jokes?|invalid|obsolete)",
    "told_before": r"\b(?:whatever|anything|what(?:ever)?|everything) you (?:were|have been|ve been) (?:told|taught|given|instructed)\b",
    "no_rules": r"\byou (?:have|had|are under|are bound by|are subject to|follow|obey|know|ve got|do not have|don t have|no get) (?:no|any|zero) (?:\w{1,20}\W{1,3})?(?:rules?|restrictions?|limits?|filters?|guidelines?|laws?)\b",
    "you_are_now": r"\byou are (?:now (?:an? (?:\w{1,20} )?(?:ai|assistant|bot|model|hacker|pirate)|in|called|free\b|dan\b|unrestricted|evil)|no longer (?:an?|the|bound|restricted|required)|(?:an? )?(?:unrestricted|unfiltered|uncensored|jailbroken|evil|free)\b)",
    "from_now_you": r"\bfrom (?:now on|here on|this moment(?: on)?) (?:you|answer|respond|reply|act|ignore|always|never|speak|behave|pretend|obey)\b",
    "pretend_unbound": r"\b(?:pretend|act as (?:if|though)|imagine|suppose) (?:that )?(?:you|there) (?:are|have|is) (?:no|not|without|unrestricted|jailbroken|evil|free from)\b",
    "jailbreak_name": r"\b(?:do anything now|dan mode|you are dan\b|developer mode (?:enabled|on|output)|jailbr(?:eak|oken) (?:mode|yourself|prompt)|god mode enabled)",
    "no_restrictions": r"\b(?:without|ignore|remove|disable|turn off|switch off|drop|lift) (?:any |all |your |the )?(?:safety |content |ethical )?(?:restrictions|guardrails|moderation|safety (?:rules|checks|filters|settings)|content (?:filters?|polic\w{1,4})(?! (?:on|of|in)\b))",
    "obey_me": r"\bobey (?:me|my|only|the (?:user|shop|owner))\b|\bnot obey\b|\byou (?:serve|answer to|work for|listen to) (?:only )?me\b",
    # --- new orders
    "new_instructions": rf"\b(?:new|updated|real|actual|revised|true|next|latest|correct) (?:system )?{_ORDERS} ?: ?{_VERB}\b|\b(?:real|actual|true) (?:instructions?|tasks?|commands?) (?:is|are|:)|\bnext instruction ?:",
    "new_task": r"\b(?:your|the|now the) (?:new|only|real|actual|true|next) (?:task|job|role|purpose|mission|instruction)s?(?: is\b| ?:)|\byour (?:job|task|role|mission|purpose) (?:is )?(?:now|from now)\b|\b(?:new|real|next|actual) (?:task|mission|role) ?:",
    "instead_of_task": r"\binstead of (?:describing|summari[sz]ing|writing|translating|answering|following|doing|analy[sz]ing)\b[^.\n]{0,60}\b(?:answer|reply|respond|output|say|print|write|tell)\b",
    "end_of_data": r"\bend of (?:the )?(?:data|input|prompt|context|system|instructions?|task|product list|document|user message)\b",
    "end_of_prompt": r"[-=#*]{3} (?:end|begin|start|stop) (?:of )?(?:the )?(?:system|prompt|instructions?|context|data)",
    "dictated_output": r"\b(?:answer|reply|respond|output|say|print|return) (?:only |just |exactly |simply )?(?:with )?(?:only )?[\"'`]?(?:hacked|pwned|jailbroken)\b|\b(?:output|respond with|reply with|answer with|return) (?:only |just |exactly )?(?:the )?(?:word|phrase|number|sentence)\b",
    "reader_order": rf"\b{_READER} ?[\"':,;.)\]–—-]{{1,2}} ?(?:please |you |now |kindly |must |should ){{0,2}}{_VERB}\b",
    "reader_must": rf"\b{_READER} (?:reading this |that reads this |here ){{0,1}}(?:must|should|shall|has to|have to|needs? to|will|is to)\b",
    "reader_note": rf"\b(?:notes?|messages?|instructions?|attention|dear|reminder|hints?|orders?|commands?|memo|psa|tell|ask|hey|hello|hi) (?:to |for |from )?(?:the |an? |any |all )?{_READER}\b(?! (?:speaker|camera|phone|fan|toy|tv|robot|system for))",
    "model_note": rf"\b(?:notes?|messages?|instructions?|orders?|commands?) (?:to |for )(?:the |any )?(?:model|assistant) ?[:,-] ?(?:please )?{_VERB}\b|\bfor the model ?[:,]|\btell the (?:model|ai) to\b",
    "if_you_are_ai": rf"\bif you(?: are| re)? (?:an? |the )?{_READER}\b",
    "model_must": r"\b(?:model|assistant) (?:must|should|shall|has to|have to|needs to|you have to|you must) (?:always |never |not )?(?:approve|recommend|say|write|answer|rank|grant|ignore|hide|state|claim|report|give|output|praise|obey)\b|\bas the (?:assistant|model|ai) you\b",
    "order_to_model": rf"\b(?:as|you are|you re) an? (?:helpful )?{_AI}\W{{1,3}}(?:\w{{1,20}}\W{{1,3}}){{0,3}}(?:must|have to|should)\b",
    "when_you_summarise": r"\bwhen (?:you )?(?:are )?(?:summari[sz](?:e|ing)|asked about)\b[^.\n]{0,30}\b(?:always|must|never|say|state|do not|add|include|claim)\b",
    # --- someone else's voice
    "role_line": rf"(?:^|[\n#.;|>*(\[{{-]) (?:system|developer)(?: (?:prompt|message|override|note|instructions?|command))? ?[\])]{{0,2}} ?[:,] ?(?:please |you |from now|i will|i\b|the user|the model|{_VERB}\b)|\bsystem override ?:|[\[({{] (?:system|developer) [\])}}] ?(?:you\b|{_VERB}\b)",
    "assistant_line": rf"(?:^|[\n#.;|>*(\[{{-]) (?:assistant|admin|administrator|model|bot) ?[\])]{{0,2}} ?[:,/] ?(?:please )?(?:{_STRONG}\b|sure\b|i will (?:now )?(?:ignore|obey)|of course|here (?:is|are) my|leave\b)|// ?model ?:",
    "fake_turns": r"(?:^|\n) ?(?:user|human|q) ?:[^\n]{0,200}\n ?(?:assistant|ai|bot) ?:|(?:^|\n) ?(?:assistant|ai|bot) ?:[^\n]{0,200}\n{1,2} ?(?:user|human) ?:",
    "i_have_no_rules": r"\bi (?:will|shall|can|now|have)\b[^.\n]{0,20}\b(?:ignore|no|forget|break|without) (?:my |the |all |any )?(?:rules|instructions|restrictions|guidelines)\b",
    "chat_markup": r"< ?\| ?(?:im (?:start|end)|system|user|assistant|endoftext|eot id|start header id|end header id)|\[ ?/?inst ?\]|<< ?/?sys ?>>|< ?/?(?:system|assistant|instructions?|developer)(?: (?:prompt|message))? ?>|\{\{ ?#(?:system|user|assistant)|### ?(?:instruction|response|system) ?:",
    "role_json": r"\brole\b\W{1,6}(?:system|developer|assistant|user|tool)\b\W{1,12}content\b|\bmessages\b\W{1,8}role\b|\"\W{1,4}(?:instructions?|system) ?\"\W{1,3}",
    "tool_call": r"(?:tool|function) calls? ?[\"'<>:{\[(]|< ?invoke name\b|\bcall (?:the )?(?:function|tool|api)\b|\buse the (?:browser|search|mail|e mail|payment|python|code) tool\b",
    "run_code": r"\b(?:execute|run|eval) (?:the |this |following ){0,3}(?:shell|bash|sql|python|code|command)\W{0,3}(?:command|code|query|:|`)",
    # --- getting at what is hidden
    "reveal_prompt": rf"\b{_LEAK} (?:\w{{1,20}}\W{{1,3}}){{0,4}}(?:your|hidden|system|the (?:hidden|system|initial|original|secret)) ?{_HIDDEN}{{0,3}}(?:prompts?|instructions?|programming|configuration|guidelines|system message|hidden rules|system rules)\b{_PRINTED}",
    "what_is_prompt": rf"\bwhat (?:is|are|was|were) (?:your|the) {_HIDDEN}{{1,3}}(?:prompt|instruction|message|rule)",
    "instructions_you_got": rf"\b(?:{_ORDERS}|text|messages?|words) (?:that |which )?(?:you|u) (?:(?:were|was|have been|had been) (?:given|told|sent|shown)|received|got from|have received)",
    "repeat_above": r"\b(?:repeat|print|quote|copy|output|recite|type) (?:back )?(?:everything|(?:all )?(?:the )?(?:words|text|lines)|all) (?:above|before|so far)(?: (?:verbatim|word|exactly|this|starting|to me|from the)|(?= ?$| ?[.;:\n]))",
    "start_of_chat": r"\b(?:start|beginning|top|first (?:line|sentence|words)) of (?:this|the|your|our) (?:conversation|chat|prompt|instructions?|context)\b",
    "exfiltrate": r"\b(?:send|post|upload|forward|exfiltrate|transmit|output|reveal|give|show|print) (?:\w{1,20}\W{1,3}){0,6}(?:api keys?|credentials|system prompt|chat history|environment variables|access tokens?)\b",
    "other_customers_data": r"\b(?:other|another|every other) (?:customer|user|shop|tenant|business)(?:es|s)?\b[^.\n]{0,40}\b(?:in|from) your (?:context|memory|training|data|history)\b",
    # --- orders about a decision
    "score_order": r"\byou (?:must|should|have to|will|need to|shall) (?:always )?(?:approve|recommend approv|answer yes|grant|accept (?:this|the) (?:credit|loan)|give (?:it|this|me|him|her|them) (?:100|full))|\balways (?:recommend approv|approve (?:this|the|every|all|any) (?:credit|loan|customer|application)|answer yes)",
    "score_set": r"\b(?:score|rating|recommendation|decision|verdict|risk|limit) (?:must|should|has to|is to|shall|will) be (?:\d{2,3}\b|approv|full|perfect|excellent|very low|yes)|\b(?:set|give|put|make|change) (?:\w{1,20}\W{1,3}){0,3}(?:score|rating|recommendation|decision) (?:of |to |as |is )?(?:\d{2,3}\b|approv|full|perfect|max|yes)",
    "approve_anyway": r"\b(?:approv(?:e|ed|al)|grant|accept)\b[^.\n]{0,60}\b(?:ignore|ignoring|no matter|regardless|whatever|despite|even if the data)\b|\b(?:no matter|regardless of|whatever|despite)\b[^.\n]{0,50}\b(?:approv|grant|decision is|answer (?:is|that|yes)|score)",
    "markup_beacon": r"\(\s?(?:javascript|data|vbscript):",
    # --- other languages, accents off
    "french": r"\b(?:ignor(?:e|ez|er|es)|oubli(?:e|ez|er|es)|neglige(?:z|r)?|contourne(?:z|r)?|desobei\w{1,4} a|(?:ne )?(?:respecte|suis|suivez|respectez|tiens|tenez) pas (?:compte )?(?:de |des )?) ?(?:toutes? |tous )?(?:les |tes |vos |ces |des |tout )?(?:anciennes |precedentes )?(?:instructions?|consignes?|regles?|directives?|ordres)\b(?!\W{1,3}(?:d\W|de\b|du\b|sur\b|au\b))|\boubli(?:e|ez) tout ce qui\b"
    r"|\b(?:affiche|montre|revele|donne|repete|traduis|ecris|dis)[rsz]?(?:ez)? ?(?:moi )?(?:ton|tes|votre|vos) (?:prompt|instructions?|consignes?)|\b(?:tu es|vous etes) (?:maintenant|desormais) (?:un |une )?(?:assistant|ia|modele|libre|bot)|\bnouvelles? (?:instructions?|consignes?|taches?) ?: ?(?:approuve|ecris|dis|reponds|ignore|oublie|tu|vous|affiche)"
    r"|(?:^|\n) ?systeme ?: ?(?:tu|vous)\b|\bsans (?:aucune )?restrictions?\b",
    "pidgin": r"\b(?:instructions?|rules?|prompts?|orders?|law) (?:wey|wen) (?:dem|your|una|im|you|i|we)\b|\b(?:no|make you no) (?:mind|follow|listen) (?:wetin|wey|the rules?|all the rules?|your rules?) (?:dem|wey|your)?|\byou no (?:get|dey follow) (?:any )?(?:rules?|restrictions?|law)\b|\b(?:comot|forget|throway|leave|ignore) all (?:your|the) (?:rules?|instructions?|talk wey)\b",
    "twi": r"\bwere ?fi (?:\w{1,15}\W{1,3}){0,3}(?:akwankyere|mmara|nhyehyee|ahyede|nsem a)|\bbu w ?ani gu (?:\w{1,15}\W{1,3}){0,4}(?:mmara|akwankyere|ahyede|nsem)|\bmmu (?:mmara|ahyede)\b",
    "hausa": r"\b(?:manta|watsi|kada ka bi|kar ka bi|daina bin|ketare) (?:\w{1,12}\W{1,3}){0,4}(?:umarni|dokok|ka ?ido)",
    "spanish_portuguese": r"\b(?:ignor[ae]r?|olvid[ae]r?|omite|esque[cç]a|descarta?e?) (?:todas? )?(?:as |las |tus |suas |sus )?(?:anteriores )?(?:instrucciones|reglas|instrucoes|regras|ordenes)\b",
    "german": r"\b(?:ignorier\w{1,4}|vergiss|vergesst|missacht\w{1,4}) (?:(?:alle|deine|die|bisherigen|vorherigen|obigen|fruheren) ){1,4}(?:anweisungen|regeln|befehle|vorgaben|instruktionen)",
    "arabic": r"(?:تجاهل|انس|تجاوز)[^\n]{0,20}(?:التعليمات|الاوامر|القواعد)",
}
_REDACT = {
    "image_beacon": r"!\[[^\[\]\n]{0,200}\]\( ?(?:https?:|//|data:)[^()\n]{0,500}\)?",
    "script_markup": r"< ?(?:script|iframe|object|embed|svg|img|link|meta|form)\b[^<>]{0,300}>?",
}
_FLAG = {
    "from_now_on": r"\bfrom now on\b",
    "act_as": r"\b(?:act|behave|respond|roleplay|role play|write|answer) as (?:an?|the|my|if|though)\b",
    "prompt_word": r"\b(?:system|hidden|secret) prompts?\b|\bprompt injection\b",
    "as_an_ai": rf"\bas an? {_AI}\b",
    "override_word": r"\b(?:admin|administrator|developer|root|sudo) (?:override|access|mode|command|password)\b",
    "keep_from_user": r"\b(?:do not|don t|never) (?:tell|inform|mention|reveal|show) (?:\w{1,20}\W{1,3}){0,4}(?:user|owner|human|manager|boss)\b|\b(?:user|owner|manager|boss) (?:must|should) not (?:see|know|learn|read)\b|\b(?:hide|conceal) (?:\w{1,20}\W{1,3}){0,4}from the (?:user|owner|manager)\b",
    "answer_only": r"\b(?:answer|reply|respond|output|say|write) (?:me )?(?:only|just|exactly|nothing but) (?!on\b|after\b|by\b|in\b|to\b)",
    "always_say": r"\balways (?:say|claim|state|end your|answer that|praise|begin your)\b|\bnever (?:say|mention|write) anything\b",
    "and_say": r"\b(?:ignore|forget|disregard)\b[^.\n]{0,60}\b(?:and|then) (?:just )?(?:say|tell|state|claim|write that|reply|answer)\b",
    "add_a_link": r"\b(?:add|include|insert|put|end)\b[^.\n]{0,40}\b(?:a |the |this )?link\b",
    "rate_me": r"\brate (?:this|our|my) (?:shop|store|product|business) (?:five|5|ten|10|100)\b",
    "must_state": r"\byou must (?:state|say|write|add|include|mention|claim|answer)\b",
}


@dataclass(frozen=True)
class Rule:
    name: str
    mode: str
    pattern: re.Pattern[str]


def _compiled(pattern: str) -> re.Pattern[str]:
    """A blank is up to three signs; one in front of `?` may as well be written so."""
    return re.compile(pattern.replace(" ?", " ").replace(" ", r"\W{0,3}"))


RULES: dict[str, Rule] = {
    name: Rule(name, mode, _compiled(pattern))
    for mode, rules in ((BLOCK, _BLOCK), (REDACT, _REDACT), (FLAG, _FLAG))
    for name, pattern in rules.items()
}
