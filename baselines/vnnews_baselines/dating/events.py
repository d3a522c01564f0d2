"""Events by rule: triggers of the lexicon, grouped into records, each with the date that its clause licenses.

triggers   the longest entry of `triggers.txt`; ambiguous ones need or exclude a neighbour ("gặp khó khăn", "thư ký", "đến"
           before a place). Series ("một loạt chuyến thăm"), habits and general negatives have no record
grouping   an undated mention joins the last record of its type when it is a noun or the same trigger; a dated one joins
           a record with the same bounds
date       the nearest time expression after the trigger in its clause, else before it, else the one that opens the sentence;
           the word before it says whether it is a begin, an end or a limit
order      "trước", "sau", "trong" and a dated event at the front of the sentence bound an event without a date of its own
modality   the nearest cue in the clause: "sẽ", "có thể", "nếu", "hoãn"
"""

import functools
import re
from collections.abc import Sequence
from importlib.resources import files
from typing import get_args

from vnnews_baselines.dating.event_dates import CUT, WORD, Clauses, Dating, Mention, cue, spaced
from vnnews_baselines.dating.timexes import GAP, UPPER
from vnnews_bench.records import Document, Event, EventType, Modality, Timex
from vnnews_bench.text import fold

PLACE = rf"(?:(?:thủ đô|thành phố|tỉnh|nước|thị trấn|đảo|sân bay|cảng) )?(?-i:[{UPPER}])"
MILITARY = r"(?:\w+ ){0,4}(?:quân|binh|lính|tàu|tên lửa|máy bay|tiêm kích|lực lượng|xe tăng|pháo|rocket|đạn|UAV|vũ khí)"
# what must stand after a trigger, what must not, what must stand before it, what must not
NEEDS_AFTER = {
    **dict.fromkeys(("đến", "tới", "sang"), PLACE),
    "tiếp": rf"(?:ông|bà|đoàn|thủ tướng|tổng thống|bộ trưởng|đại sứ|chủ tịch|người đồng cấp|(?-i:[{UPPER}]))",
    "làm việc": "với",
    "thảo luận": "với",
    "nói chuyện": r"(?:\w+ ){0,6}(?:qua )?điện thoại|điện đàm",
    "bay": r"(?:thẳng )?(?:tới|đến|sang|về|khỏi)",
    "về": rf"nước|{PLACE}",
    "trở lại": PLACE,
    "quay lại": PLACE,
    "rút": r"(?:\w+ ){0,3}(?:quân|lực lượng|binh|lính|khỏi)",
    "có mặt": "tại|ở",
    "đặt chân": "tới|đến|lên|xuống",
    "phóng": MILITARY,
    "triển khai": MILITARY,
    "điều động": MILITARY,
    "bắn": r"(?!chết người|cung|súng trường)",
    "hỗ trợ": r"(?:\w+ ){0,6}(?:\d[\d.,]*|triệu|tỷ|tấn|suất)",
    "cam kết": r"viện trợ|hỗ trợ",
}
FORBIDS_AFTER = {
    "gặp": "khó|nạn|phải|rủi|sự cố|vấn đề|trở ngại|nguy|may|nhiều khó",
    "ký": "giả|ức|sự|hiệu|túc|gửi",
    "mời": "gọi|thầu|chào",
    **dict.fromkeys(("nhất trí", "đồng ý", "thống nhất"), "rằng|là|về quan điểm|cao"),
    "tấn công": "mạng|tình dục",
    "chặn": "đường",
    "lùi": "lại|bước|xe",
    "tuần tra": "thường xuyên",
}
NEEDS_BEFORE = {
    "đi": "chuyến",
    "gọi": "cuộc",
    **dict.fromkeys(("thỏa thuận", "thoả thuận"), "đạt|đạt được|đạt một|được một"),
    "hội nghị": r"[\w,.“]*",
    **dict.fromkeys(("đến", "tới"), rf"(?:(?-i:[{UPPER}])\w*|đã|sẽ|vừa|sắp|ông|bà|đoàn|cũng|mới)"),
}
FORBIDS_BEFORE = {
    "ký": "thư|chữ|đăng|nhật|bút|du",
    "gặp": "bắt|thường|hay",
    "hoãn": "trì",
    **dict.fromkeys(("hủy", "huỷ"), "phá|tiêu|phân"),
    "phóng": "giải|xung",
    "chặn": "ngăn",
    "rời": "tách|tháo",
    "họp": "hội|tụ",
    "về": "trở|quay|nói|bàn|trao|kể|nghĩ",
    "bay": "chuyến|máy|sân|đường|hãng",
    "tiếp": "trực|gián|kế|giao|nối",
    **dict.fromkeys(("đến", "tới", "sang"), "thăm|bay|đường|hành|từ|cho|kéo dài|dẫn|chuyến thăm|liên quan"),
}
SERIES = re.compile(
    spaced(
        r"(?<![^\W_])(?:một loạt|hàng loạt|hàng chục|nhiều|các|những|thêm|mọi|bất kỳ|vài|một số|hai|ba|bốn|năm|\d+) "
        r"(?:(?:cuộc|chuyến|buổi|lần|đợt|gói|vụ|lời|phiên) )?$"
    ),
    re.IGNORECASE,
)
NOUN = re.compile(spaced(r"(?<![^\W_])(?:cuộc|chuyến|buổi|lời|gói|đợt|vụ|phiên|lễ) (?:\w+ ){0,1}$"), re.IGNORECASE)
HABIT = cue("thường xuyên|thường(?! niên)|chưa từng|chưa bao giờ|không bao giờ|mỗi khi|từng bước|luôn")
CUES: tuple[tuple[Modality, re.Pattern[str]], ...] = (
    ("hypothetical", cue("nếu|giả sử|mong|mong muốn|hy vọng|hi vọng|đề nghị|muốn|kêu gọi|đề xuất")),
    ("possible", cue("có thể|khả năng|cân nhắc|xem xét|mời|lời mời")),
    ("planned", cue("sẽ|dự kiến|sắp|kế hoạch|chuẩn bị|để|nhằm|dự định")),
    ("not_occurred", cue("hoãn|hủy|huỷ|hủy bỏ|từ chối|dời|không")),
)
FAILED = cue("bị hoãn|bị hủy|bị huỷ|được hoãn|không diễn ra|bị dời|bị lùi|bị tạm hoãn|đổ vỡ|hoãn lại")
COMING = cue("sẽ|dự kiến|sắp")


@functools.cache
def triggers() -> tuple[re.Pattern[str], dict[str, EventType]]:
    """The lexicon as one expression, longest entries first, and the type of every entry."""
    text = (files("vnnews_baselines") / "lexicons" / "triggers.txt").read_text(encoding="utf-8")
    pairs = [line.split("\t") for line in text.splitlines() if line and not line.startswith("#")]
    types = {trigger: kind for name, trigger in pairs for kind in get_args(EventType) if kind == name}
    entries = sorted(types, key=lambda entry: (-len(entry), entry))
    return re.compile(WORD.format("|".join(spaced(entry) for entry in entries)), re.IGNORECASE), types


@functools.cache
def _beside(pattern: str, *, before: bool) -> re.Pattern[str]:
    pattern = spaced(f"(?:{pattern})")
    return re.compile(rf"(?<![^\W_]){pattern}{GAP}*$" if before else rf"{GAP}*{pattern}", re.IGNORECASE)


def find(document: Document) -> list[Mention]:
    """The triggers of a document."""
    pattern, types = triggers()
    text, found = document.text, []
    for sentence in document.sentences or ((0, len(text)),):
        for match in pattern.finditer(text, *sentence):
            word = fold(match[0])
            before, after = text[max(sentence[0], match.start() - 60) : match.start()], text[match.end() : match.end() + 60]
            if _counts(word, before, after):
                found.append(Mention(*match.span(), types[word], bool(NOUN.search(before)), sentence))
    return found


def _counts(word: str, before: str, after: str) -> bool:
    """Whether the neighbours of a trigger let it be an individual event."""
    clause = before[max([match.end() for match in CUT.finditer(before)], default=0) :]
    return not (
        SERIES.search(before)
        or HABIT.search(clause)
        or (word in NEEDS_AFTER and not _beside(NEEDS_AFTER[word], before=False).match(after))
        or (word in FORBIDS_AFTER and _beside(rf"(?:{FORBIDS_AFTER[word]})(?![^\W_])", before=False).match(after))
        or (word in NEEDS_BEFORE and not _beside(NEEDS_BEFORE[word], before=True).search(before))
        or (word in FORBIDS_BEFORE and _beside(FORBIDS_BEFORE[word], before=True).search(before))
    )


def modality(text: str, mention: Mention) -> Modality:
    """What the cues of the clause make of an event; the nearest before the trigger decides."""
    first, last = mention.sentence
    before, after = text[first : mention.start], text[mention.end : last]
    cut = CUT.search(after)
    after = after[: cut.start()] if cut else after
    if mention.noun and FAILED.search(after) and mention.type != "POSTPONE":
        return "not_occurred"
    clause = before[max([match.end() for match in CUT.finditer(before)], default=0) :]
    found = [
        (match.end(), kind)
        for kind, words in CUES
        for match in words.finditer(clause)
        if kind != "not_occurred" or (mention.type != "POSTPONE" and len(clause[match.end() :].split()) < 5)
    ]
    if found and mention.type != "INVITE":
        return max(found)[1]
    if mention.noun and COMING.search(after):
        return "planned"
    return "actual"


def tag(document: Document, timexes: Sequence[Timex], given: Sequence[Event] | None = None) -> list[Event]:
    """The events of a document with their dates and modality; where `given` names the events, those and no others."""
    mentions = find(document) if given is None else _given(document, given)
    clauses = Clauses(document, timexes, mentions)
    own = {mention: clauses.date(mention) for mention in mentions}
    if given is None:
        groups = _grouped(document.text, mentions, own)
    else:
        groups = [[mention for mention in mentions if (mention.start, mention.end) in event.mentions] for event in given]
    numbered = {mention: f"ev{n + 1}" for n, group in enumerate(groups) for mention in group}
    if given is not None:
        numbered = {mention: event.id or f"ev{n + 1}" for n, event in enumerate(given) for mention in groups[n]}
    dated = [next((own[mention] for mention in group if own[mention].basis), Dating()) for group in groups]
    by_mention = {mention: dating for group, dating in zip(groups, dated, strict=True) for mention in group}
    events = []
    for n, group in enumerate(groups):
        dating = dated[n] if dated[n].basis else clauses.by_order(group, by_mention, numbered)
        lead = next((mention for mention in group if own[mention].basis), group[0])
        state = modality(document.text, lead)
        if any(modality(document.text, mention) == "not_occurred" for mention in group):
            state = "not_occurred"
        events.append(
            Event(
                id=numbered[group[0]],
                type=group[0].type,
                mentions=tuple((mention.start, mention.end) for mention in group),
                modality=state,
                begin=dating.begin,
                end=dating.end,
                edtf=dating.edtf,
                granularity=dating.granularity,
                basis=dating.basis,
                certainty=dating.certainty,
            )
        )
    return events


def _given(document: Document, events: Sequence[Event]) -> list[Mention]:
    """The mentions of the given events, in text order."""
    sentences, found = document.sentences or ((0, len(document.text)),), set()
    for event in events:
        for start, end in event.mentions:
            sentence = next((span for span in sentences if span[0] <= start < span[1]), (0, len(document.text)))
            before = document.text[max(sentence[0], start - 60) : start]
            found.add(Mention(start, end, event.type, bool(NOUN.search(before)), sentence))
    return sorted(found)


def _grouped(text: str, mentions: Sequence[Mention], own: dict[Mention, Dating]) -> list[list[Mention]]:
    """The mentions of every event: a noun or the same trigger without a date of its own goes back to the last of its type."""
    groups: list[list[Mention]] = []
    for mention in mentions:
        word = fold(text[mention.start : mention.end])
        for group in reversed(groups):
            if group[0].type != mention.type:
                continue
            dates = {own[one].begin for one in group if own[one].basis}
            same = own[mention].basis and own[mention].begin in dates
            open_group = not dates and own[mention].basis and mention.noun
            undated = not own[mention].basis and (mention.noun or word in {fold(text[one.start : one.end]) for one in group})
            if same or open_group or undated:
                group.append(mention)
                break
            if own[mention].basis and dates:
                continue
            break
        else:
            groups.append([mention])
            continue
        if not any(mention in group for group in groups):
            groups.append([mention])
    return groups
