"""The words of the project's own film reviews: what each symbol of their grammar may become.

A `{symbol}` is replaced by one of its alternatives, again and again, until none is left. A symbol beginning with `good`
or `bad` says something in favor or against; all others are neutral.
"""

from collections.abc import Mapping


def _list(text: str) -> tuple[str, ...]:
    """The alternatives in a text, separated by `|` and any blanks."""
    return tuple(" ".join(part.split()) for part in text.split("|"))


NOUNS: Mapping[str, tuple[str, ...]] = {
    "film": _list(
        "film|movie|picture|story|drama|comedy|thriller|western|mystery|musical|documentary|sequel|adventure"
    ),
    "part": _list(
        "script|plot|cast|music|dialogue|photography|ending|opening|second half|first half|first hour|last act|"
        "score|direction|editing|acting|lighting|camera work|sound|pacing|final scene|costume design|middle part|"
        "screenplay|staging|lead role|supporting cast|narration|production|animation|choreography|soundtrack|"
        "set design|premise"
    ),
    "piece": _list(
        "script|plot|cast|score|ending|opening|second half|first half|first hour|last act|final scene|lead role|"
        "narrator|screenplay|soundtrack|premise|middle part|title song|chase scene|love story|duet|twist|"
        "monologue|farewell scene"
    ),
    "person": _list(
        "director|writer|lead actor|lead actress|composer|editor|producer|narrator|young actor|young actress|"
        "cinematographer|costume designer|singer|supporting actress|supporting actor|stunt team|screenwriter|"
        "main character|older brother"
    ),
    "job": _list(
        "farmer|teacher|nurse|pilot|baker|sailor|painter|lawyer|carpenter|student|waiter|tailor|miner|postman|"
        "gardener|fisherman|librarian|watchmaker|cook|driver|reporter|surgeon|singer|translator|photographer|"
        "detective|shepherd|engineer|soldier|piano teacher|bus driver|clerk|chess player|widow|judge|"
        "mountain guide|printer|barber"
    ),
    "place": _list(
        "a small town|the coast|a mountain village|the desert|a big city|a railway station|an old hotel|an island|"
        "the harbor|a boarding school|a farm in the north|a fishing port|a border town|the suburbs|a tower block|"
        "a river valley|a theater in the south|a country house|a factory town|a lighthouse|the market square|"
        "an empty airport|a night train"
    ),
    "time": _list(
        "one summer|in winter|after the flood|over a single weekend|during one long night|in the autumn of 1953|"
        "before the election|at the turn of the century|in the spring|on a Sunday|within a week|some years later|"
        "at the end of school"
    ),
    "verb": _list(
        "travels to|moves to|returns to|arrives in|leaves|writes about|opens a shop in|looks for a brother in|"
        "takes a job in|inherits a house in|waits for a letter in|repairs clocks in|meets a stranger in|"
        "spends a year in|hides in"
    ),
    "watched": _list("watched|saw|rented|finally saw|finished|came across|went to see|sat through|picked|tried"),
    "company": _list(
        "with my sister|with two colleagues|with my parents|on my own|with the whole family|with an old classmate|"
        "on a plane|on a rainy evening|last night|on television|at a small cinema|over two evenings|at a festival|"
        "late on Friday|without reading about it|after a long day|at home|because a neighbor mentioned it|"
        "in the original language"
    ),
    "length": _list(
        "ninety minutes|two hours|nearly three hours|just over an hour|a hundred minutes|two and a half hours"
    ),
    "crowd": _list(
        "the audience|nearly everybody around me|my whole row|everyone in the room|my family|the critic beside me"
    ),
    "decade": _list("the fifties|the sixties|the seventies|the eighties|the nineties|that decade|the silent era"),
    "plain": _list(
        "long|short|quiet|slow|early|late|rural|modern|foreign|independent|black and white|low budget|recent|"
        "second|dark|ordinary|little known|experimental|traditional|three part|wordless|wide screen|historical|"
        "seasonal|two hour"
    ),
    "thing": _list(
        "letter|map|painting|suitcase|photograph|radio|violin|bicycle|key|diary|telegram|coat|boat|piano|"
        "train ticket|newspaper|clock|mirror|recipe|lamp|notebook|bridge|garden|window|telephone"
    ),
}
"""What reviews are about."""

FAVOR: Mapping[str, tuple[str, ...]] = {
    "good": _list(
        "good|great|wonderful|brilliant|superb|delightful|charming|beautiful|funny|excellent|amazing|fantastic|"
        "perfect|lovely|clever|enjoyable|impressive|brave|honest|hilarious|warm|smart|gorgeous|fascinating|"
        "inspiring|terrific|splendid|thrilling|elegant|graceful|tender|joyful|outstanding|magnificent|remarkable|"
        "sweet|witty|touching|original|lively|generous|playful|marvelous|stunning|satisfying|masterful|radiant|"
        "rewarding|sincere|heartwarming"
    ),
    "good_noun": _list(
        "joy|triumph|treasure|masterpiece|delight|pleasure|success|gem|winner|gift|treat|"
        "surprise of the best kind|wonder|celebration of life|lesson in grace"
    ),
    "good_verb": _list("loved|enjoyed|adored|admired|liked|cherished|appreciated|was charmed by|was impressed by"),
    "good_does": _list(
        "shines|works beautifully|wins the heart|sparkles|is a pleasure|deserves an award|succeeds|delights|"
        "is a joy to follow|carries the story with great skill|brings real warmth|makes you smile|impresses|"
        "is full of life and humor"
    ),
    "good_adverb": _list("truly|really|simply|wonderfully|very|so|absolutely|surprisingly|always|quite"),
    "good_crowd": _list(
        "laughed and cheered|applauded happily|was smiling at the end|loved it|thanked me for the choice|"
        "was delighted|wanted to see it again with friends|had great fun"
    ),
}
"""What speaks in favor."""

AGAINST: Mapping[str, tuple[str, ...]] = {
    "bad": _list(
        "bad|terrible|awful|horrible|boring|dull|poor|weak|ugly|annoying|disappointing|lame|stupid|ridiculous|"
        "dreadful|pathetic|lazy|clumsy|tedious|painful|hollow|confusing|sad|cheap|miserable|worthless|"
        "irritating|cruel|messy|pointless|predictable|shallow|lifeless|forced|tiresome|careless|false|unpleasant|"
        "flawed|embarrassing|wooden|dismal|horrid|frustrating|dumb|depressing|uninspired|stale|crude"
    ),
    "bad_noun": _list(
        "mess|waste of time|failure|disaster|disappointment|bore|insult|mistake|shame|torture|wreck|"
        "problem from start to end|nightmare|lost chance|sorry affair"
    ),
    "bad_verb": _list("hated|disliked|regretted|despised|was bored by|was annoyed by|was let down by|suffered through"),
    "bad_does": _list(
        "fails|falls apart|is a disaster|ruins the mood|is hard to forgive|makes no sense and bores|annoys|"
        "drags and dies|wastes a good idea|kills every joke|is lost in the mess|disappoints|is painful to hear|"
        "lacks any care"
    ),
    "bad_adverb": _list("truly|really|simply|terribly|very|so|absolutely|painfully|always|quite"),
    "bad_crowd": _list(
        "left early and angry|was bored to tears|complained on the way home|hated it|fell asleep|was disappointed|"
        "groaned at the stupid jokes|wanted the money back"
    ),
}
"""What speaks against."""
