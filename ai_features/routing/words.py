"""The words the router knows, by what they are about: English, Pidgin, and some French and Twi.

Everything is in the spelling of `reading.tokens`: lower case, no accents, contractions written out.
"""

# What a shop writes short, or as two words in one.
SHORT_FORMS = {
    "pls": "please",
    "plz": "please",
    "u": "you",
    "ur": "your",
    "hw": "how",
    "mch": "much",
    "bal": "balance",
    "wats": "what is",
    "whats": "what is",
    "wan": "want",
    "wanna": "want to",
    "dont": "do not",
    "cant": "can not",
    "im": "i am",
    "2day": "today",
    "wk": "week",
    "momo": "mobile money",
    "topup": "top up",
    "svp": "please",
    "ai's": "ai",
}

# Say nothing about the route.
FILLER = frozenset(
    """
    a an the this that these those it its is are was am be been being do does did done has have had having got get
    will would can could may might to of for on in at by from with and or as so then than there here now just only
    also about into out please kindly sir madam boss chief dear hello hi hey my me i we us our you your mine ours
    what which who when where how if whether tell show give let see check know find want need like view display
    quick quickly again first actually currently current right ok okay well any some every each one new shop store
    business branch account app sika ai system till team all more most still yet already exactly really very today
    yesterday tomorrow week weeks month months day days year last next past since end time moment hope fine morning
    afternoon evening good thank thanks question asking ask wondering wonder no not
    list most abeg beg chale dey wey dem e na fit go be make una wetin di sef o oo abi pass come take
    veux voudrais actuel actuelle t produit mon ma mes le la les un une de du des d l je j ai il me que qu quel quelle quels est sont en y s mois
    mepa wo kyew no me aka ye ho na
    """.split()
)

# Phrase or word → what it is about. The longest phrase counts.
_CONCEPTS = {
    "HOW_MANY": "how many; how much; combien; sen",
    "PRICE_OF": "how much; combien; sen; how much for",
    "HOW_TO": "how do i; how do we; how can i; how can we; how to; how fit i; how i go; how i fit; comment; where do i;"
    " where can i; how should i",
    "AI": "ai",
    "BALANCE": "balance; balances; solde; left on my account; left in my account; on my account",
    "CREDIT": "credit; credits; units; credits last; credits go; credits went",
    "LEFT": "left; remain; remains; remaining; available; reste; aka; out of; restant",
    "STILL": "still; still have; do i have; do we have; have i got; have we got; i have",
    "EXPIRE": "expire; expires; expiry; expiration; expiring; expirent; expirer; valid until",
    "FREE": "free; trial; bonus; gratuit; gratuits; bought; purchased",
    "LAST": "how long; how many days; last till; last until; finish; finishes; run out; reach when; enough; last me;"
    " credits last; balance last; suffice",
    "MORE": "more; still make; can i still make; make; can i do; can i make; still do; can i still do",
    "COST": "cost; costs; price; prices; pricing; charge; charges; charged; fee; fees; prix; coute; coutent; tarif;"
    " tarifs; expensive; dey take; per",
    "FEATURE": "feature; features; ai feature; ai features",
    "ASK_AI": "ask the ai; asking the ai; ask you; asking you; ask ai; asking ai; question to the ai; question to ai;"
    " ai question; ask a question",
    "PACK": "pack; packs; credit pack; credit packs; value pack; starter pack; pro pack; price list; bundle; bundles",
    "BUY": "buy; buying; buy more; acheter; pay; paying; payer",
    "TOP_UP": "top up; topping up; recharge; reload; load credits",
    "MOBILE_MONEY": "mobile money",
    "MONEY": "cedi; cedis; ghs; mobile money; mtn; telecel; card; cash; visa; bank",
    "HOW_MUCH_FOR": "how much for",
    "PLAN": "plan; package; subscription; addon; monthly addon; monthly add on; storefront plan; abonnement; forfait;"
    " tier; licence; license; subscribed; monthly plan",
    "RENEW": "renew; renews; renewal; renewed; due; payment; next payment; active; status; ends; end; using;"
    " storefront; monthly",
    "LIMIT": "limit; limits; quota; quotas; allowance; budget",
    "DAILY": "daily; monthly; reset; resets; reached; hit; reach",
    "REQUEST": "request; requests; times; questions",
    "USED": "use; used; uses; using; spent; spend; spending; consumed; utilise; utilises; credits go; credits went",
    "SPENT": "spent; spend; spending",
    "USAGE": "usage; usage stats; statistics",
    "WHO_USED": "staff; cashier; cashiers; workers; stats",
    "HELP": "help; aide; menu; commands; options; what can you do; what can i ask you; what can i ask;"
    " what do you do; how does this work; how does it work; how do i use this; how to use this; how do i use it;"
    " what are you able to do; what you can do; que peux tu faire; que sais tu faire; wetin you fit do;"
    " how you dey work; how this thing dey work; who are you",
    "GREETING": "hello; hi; hey; good morning; good afternoon; good evening; good day; thank you; thanks; thank;"
    " medaase; maakye; maaha; akwaaba; bonjour; bonsoir; salut; merci; merci beaucoup; how are you; bless; god;"
    " well done; bye; goodbye; ete sen; lot",
    "ACCOUNT": "refund; refunds; refunded; money back; receipt; receipts; password; log in; login; sign in; invite;"
    " add a cashier; add cashier; add a user; add a manager; add staff; add a member; remove a user;"
    " remove a cashier; api key; support; human; agent; customer service; otp",
    "ACCOUNT_MORE": "download; change; forgot; lost; cashier; manager; staff; user; member; purchase; purchases; talk;"
    " speak; contact; reset",
}
CONCEPT_OF: dict[str, frozenset[str]] = {}
for _concept, _phrases in _CONCEPTS.items():
    for _phrase in _phrases.split(";"):
        CONCEPT_OF[_phrase.strip()] = CONCEPT_OF.get(_phrase.strip(), frozenset()) | {_concept}

# What each feature is called when somebody asks for its price.
FEATURE_NAMES = {
    "product_description": "product description; product descriptions; description; descriptions; product text;"
    " description de produit; d une description de produit; descriptions de produits",
    "report_summary": "report summary; report summaries; report; reports; ai report; ai reports; sales report;"
    " resume de rapport",
    "customer_insight": "customer insight; customer insights; customer insight question; insight; insights;"
    " customer question",
    "collection_message": "collection message; collection messages; payment reminder; payment reminders; reminder;"
    " reminders; message de recouvrement; debt message",
    "credit_assessment": "credit assessment; credit assessments; credit risk assessment; credit risk assessments;"
    " credit check; credit score; credit scoring; risk assessment",
    "collection_analysis": "collection analysis; debt collection analysis; collection priority analysis;"
    " debtor analysis; debt analysis",
    "inventory_forecast": "inventory forecast; inventory forecasts; stock forecast; stock forecasts; forecast;"
    " forecasts; prevision de stock; une prevision de stock; previsions de stock",
    "portfolio_dashboard": "portfolio dashboard; dashboard; portfolio health dashboard; portfolio health",
}
FEATURE_OF: dict[str, str] = {}
for _feature, _phrases in FEATURE_NAMES.items():
    for _phrase in _phrases.split(";"):
        FEATURE_OF[_phrase.strip()] = _feature
        CONCEPT_OF[_phrase.strip()] = CONCEPT_OF.get(_phrase.strip(), frozenset()) | {"FEATURE"}

# Ask for judgement, advice or writing: what only a model can give.
OPEN = frozenset(
    """
    why should advise advice advises suggest suggests suggestion suggestions recommend recommends idea ideas strategy
    strategies promote promotion promotions campaign marketing grow growing growth increase increasing improve
    improving improvement attract convince persuade reduce reducing boost better wise risky worry worried explain
    write draft compose prepare create design invent predict compare comparison opinion think believe train hire
    treat offer discount discounts loyalty reward retain keep win competitor competitors competition profit
    profitable margin expand launch open survive ignore disregard pretend imagine negotiate handle deal
    solve fix opportunity opportunities risk risks trend trends tips tip sell selling manage organise organize
    between balanced sheet augmenter ameliorer conseil conseils conseille idee idees fideliser pourquoi strategie
    planning plans planned happen depend depends wisely worth attractive effective
    """.split()
)
OPEN_PHRASES = (
    *("a plan", "plan a", "plan an", "plan my", "plan the", "plan our", "plan for", "plan to", "make plan"),
    *("help me plan", "plan will help", "how to plan", "what do i do", "what can i do", "what do i tell"),
    *("get more customers", "get more sales", "more sales", "more customers", "make more", "win back"),
    *("what to do", "what to say", "buy more", "buy less", "come more", "good idea", "say about"),
    *("dois je", "que faire", "how i go take get", "what would", "my prices", "go well"),
)
# A clause that begins so takes back or puts off what it names.
SET_ASIDE = (
    *("no ", "not ", "without ", "before i ", "before we ", "i do not need ", "i do not want ", "we do not need "),
    *("i am not ", "i am planning ", "we are planning ", "leave ", "forget about "),
)
