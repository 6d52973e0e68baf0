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
    "handed_back": {
        "en": "The assistant answers you again from here. Ask for a person whenever you want one.",
        "fr": "L'assistant vous répond de nouveau. Demandez à parler à une personne quand vous le souhaitez.",
        "tw": "Ɔboafo no na ɔbebua wo bio fi seesei. Bisa onipa bere biara a wopɛ.",
    },
    "resolved": {
        "en": "We think this is settled. If it is not, just write again. How did we do, from 1 to 5?",
        "fr": (
            "Nous pensons que c'est réglé. Sinon, écrivez-nous de nouveau. Quelle note nous donnez-vous, "
            "de 1 à 5 ?"
        ),
        "tw": "Yɛsusu sɛ asɛm no asa. Sɛ ɛnsae a, kyerɛw bio. Fi 1 kosi 5, sɛn na yɛboaa wo?",
    },
    "closed": {
        "en": "This conversation is closed. Begin a new one whenever you need us.",
        "fr": "Cette conversation est fermée. Commencez-en une autre dès que vous avez besoin de nous.",
        "tw": "Yɛato saa nkɔmmɔbɔ yi mu. Fi foforo ase bere biara a wuhia yɛn.",
    },
}


def text(key: str, language: str) -> str:
    found = TEXTS[key]
    return found.get(language, found["en"])
