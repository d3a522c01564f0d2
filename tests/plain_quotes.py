"""The plain definition of the quotes task, slow and without arrays: who speaks, and the atoms of each metric."""

from vnnews_bench.tasks.quotes import EDGES, SCORED
from vnnews_bench.text import fold


def speakers(record, gold, registry):
    """The ids of the speaker of every quote of a prediction; `None` for a quote without one."""
    mentions = list(_gold_mentions(gold))
    names = {fold(name): entry.id for entry in registry.values() for name in (entry.name, *entry.aliases)}
    return [quote.speaker and _ids(quote.speaker, mentions, names) for quote in record.quotes or ()]


def _ids(speaker, mentions, names):
    if speaker.mentions:
        best = [max(mentions, key=lambda held: _overlap(held[0], span), default=None) for span in speaker.mentions]
        hits = [held[1] for held, span in zip(best, speaker.mentions, strict=True) if held and _overlap(held[0], span) > 0]
        return tuple(dict.fromkeys(id for ids in hits for id in ids))
    if not speaker.entities and speaker.name is not None and fold(speaker.name) in names:
        return (names[fold(speaker.name)],)
    return speaker.entities


def _gold_mentions(gold):
    """Mentions of the gold's speakers, then of its entities, each with the ids it stands for."""
    for quote in gold.quotes or ():
        for who in filter(None, (quote.speaker, quote.via)):
            each = len(who.mentions) == len(who.entities) > 1
            for n, span in enumerate(who.mentions):
                yield span, (who.entities[n],) if each else who.entities
    for entity in gold.entities or ():
        if entity.entity is not None:
            yield (entity.start, entity.end), (entity.entity,)


def _overlap(one, other):
    return min(one[1], other[1]) - max(one[0], other[0])


def claims(records, documents, metric):
    """What the quotes of several texts claim under a metric: (text, label, atoms)."""
    return [
        (text, (quote.type or "") if metric == "type" else "", atoms)
        for text, (record, document) in enumerate(zip(records, documents, strict=True))
        for quote in record.quotes or ()
        if quote.type in (None, *SCORED) and quote.act != "attitude" and not quote.heading
        for atoms in _atoms(quote, document, metric)
    ]


def _atoms(quote, document, metric):
    """The atoms of one quote, as one list; of its cues, a list each."""
    spans = [_stripped(*span, document) for span in quote.spans]
    points = sorted({at for span in spans for at in range(*span)})
    who = ("",) if quote.speaker is None else quote.speaker.entities or ("?",)
    if metric == "cue":
        return [[span] for span in quote.cues]
    return [
        {
            "attributed": [(id, at) for id in who for at in points],
            "strict": [(id, *spans) for id in who],
            "content": points,
            "content_strict": [tuple(spans)],
            "type": points,
        }[metric]
    ]


def _stripped(start, end, document):
    if document is not None:
        while start < end and document.text[start] in EDGES:
            start += 1
        while end > start and document.text[end - 1] in EDGES:
            end -= 1
    return start, end
