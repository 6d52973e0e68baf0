"""What the chat itself says to its users, in English, French and Twi; English where there is no other."""

TEXTS: dict[str, dict[str, str]] = {
    "unknown": {
        "en": "I don't know the answer to that. Shall I pass you on to a person of our team?",
        "fr": (
            "Je ne connais pas la réponse à cette question. Voulez-vous parler à une personne de notre "
            "équipe ?"
        ),
        "tw": "Mennim saa asɛm yi ho mmuae. Wopɛ sɛ mede wo kɔma yɛn adwumayɛfo no mu baako?",
    },
    "refused": {
        "en": (
            "I can't act on that message: it reads like an order to the assistant. Ask me about your shop or "
            "this product, or ask for a person."
        ),
        "fr": (
            "Je ne peux pas suivre ce message : il ressemble à un ordre donné à l'assistant. Posez-moi une "
            "question sur votre boutique ou sur ce produit, ou demandez à parler à une personne."
        ),
        "tw": (
            "Merentumi nni saa nkrasɛm yi so: ɛyɛ sɛ ahyɛde a wɔde ma ɔboafo no. Bisa me wo sotɔɔ anaa saa "
            "adwuma yi ho asɛm, anaa bisa onipa."
        ),
    },
    "search": {
        "en": "The assistant can't write an answer right now. This is what our help says:",
        "fr": "L'assistant ne peut pas rédiger de réponse pour le moment. Voici ce que dit notre aide :",
        "tw": "Ɔboafo no rentumi nkyerɛw mmuae mprempren. Nea yɛn mmoa krataa no ka ni:",
    },
    "unavailable": {
        "en": "I can't answer at the moment. Please try again in a minute, or ask for a person of our team.",
        "fr": (
            "Je ne peux pas répondre pour le moment. Réessayez dans une minute, ou demandez à parler à une "
            "personne de notre équipe."
        ),
        "tw": "Merentumi mmua mprempren. Yɛsrɛ wo, san bisa simma biako akyi, anaa bisa yɛn mu onipa.",
    },
    "handed_over": {
        "en": "A person of our team will answer you here.",
        "fr": "Une personne de notre équipe vous répondra ici.",
        "tw": "Yɛn adwumayɛfo no mu baako bebua wo wɔ ha.",
    },
}


def text(key: str, language: str) -> str:
    found = TEXTS[key]
    return found.get(language, found["en"])
