"""The quotation rules on invented sentences: what is told, how, by which word, and by whom."""

import pytest
from vnnews_baselines import quotes_rules
from vnnews_baselines.quoting.units import classes, pairs

from vnnews_bench.records import Document, Quote, Record, Zone

Row = tuple[str, str, str, str]


def document(*sentences: str, zones: tuple[Zone, ...] = ()) -> Document:
    text, spans = "", []
    for sentence in sentences:
        spans.append((len(text), len(text) + len(sentence)))
        text += sentence + "\n"
    return Document(id="invented", text=text, sentences=tuple(spans), zones=zones)


def row(text: str, quote: Quote) -> Row:
    """Type, content, cues, and the words of the speaker's mentions."""
    mentions = quote.speaker.mentions if quote.speaker else ()
    parts = [" | ".join(text[a:b] for a, b in spans) for spans in (quote.spans, quote.cues, mentions)]
    return (quote.type or "", *parts)


def told(*sentences: str) -> list[Row]:
    made = document(*sentences)
    return [row(made.text, quote) for quote in quotes_rules.tag(made).quotes or ()]


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("Bà Vũ Thị Lành cho biết xưởng gốm đã nhận đơn hàng mới.", ("INDIRECT", "xưởng gốm đã nhận đơn hàng mới", "cho biết")),
        ("Bà Vũ Thị Lành nói: “Lò vẫn đỏ lửa.”", ("DIRECT", "“Lò vẫn đỏ lửa.”", "nói")),
        ("“Lò vẫn đỏ lửa”, bà Vũ Thị Lành kể.", ("DIRECT", "“Lò vẫn đỏ lửa”", "kể")),
        ("« Lò vẫn đỏ lửa », bà Vũ Thị Lành kể.", ("DIRECT", "« Lò vẫn đỏ lửa »", "kể")),
        ("“Lò vẫn”, bà Vũ Thị Lành nói, “đỏ lửa.”", ("DIRECT", "“Lò vẫn” | “đỏ lửa.”", "nói")),
        ('Bà Vũ Thị Lành nhận định men mới "rất bền".', ("MIXED", 'men mới "rất bền"', "nhận định")),
        ("Bà Vũ Thị Lành nói vở “Men xanh” sẽ diễn ở Huế.", ("INDIRECT", "vở “Men xanh” sẽ diễn ở Huế", "nói")),
        ("Bà Vũ Thị Lành nói với thợ gốm hôm thứ Hai rằng lò sẽ nghỉ.", ("INDIRECT", "lò sẽ nghỉ", "nói")),
        ("Bà Vũ Thị Lành đề cập đến giá đất sét.", ("REPORTED", "giá đất sét", "đề cập")),
        ("Bà Vũ Thị Lành bày tỏ hy vọng lò sẽ mở lại.", ("INDIRECT", "lò sẽ mở lại", "bày tỏ hy vọng")),
        ("Lò sẽ nghỉ, bà Vũ Thị Lành khẳng định.", ("INDIRECT", "Lò sẽ nghỉ", "khẳng định")),
        ("Theo bà Vũ Thị Lành, đất sét đang khan hiếm.", ("INDIRECT", "đất sét đang khan hiếm", "Theo")),
        ("Đất sét, theo bà Vũ Thị Lành, đang khan hiếm.", ("INDIRECT", "Đất sét | đang khan hiếm", "theo")),
        ("Trả lời báo chí, bà Vũ Thị Lành cũng nói thêm rằng lò sẽ nghỉ.", ("INDIRECT", "lò sẽ nghỉ", "nói")),
        ("Bà Vũ Thị Lành, chủ một lò gốm, cảnh báo đất sét sắp hết.", ("INDIRECT", "đất sét sắp hết", "cảnh báo")),
        ("Bà Vũ Thị Lành than thở: “Đất sét hết rồi...", ("DIRECT", "“Đất sét hết rồi...", "than thở")),
        ("Bà Vũ_Thị_Lành cho_biết đất_sét đang khan_hiếm .", ("INDIRECT", "đất_sét đang khan_hiếm", "cho_biết")),
    ],
)
def test_one_quote(sentence, expected):
    (found,) = told(sentence)
    assert found[:3] == expected
    assert found[3].replace("_", " ") == "Vũ Thị Lành"


@pytest.mark.parametrize(
    "sentence",
    [
        "Bà Vũ Thị Lành không nói khi nào lò mở lại.",
        "Lò gốm được cho là đã đóng cửa.",
        "Phim “Men xanh” kể về nạn “cò” đất sét.",
        "Theo kế hoạch, lò sẽ mở lại.",
        "Bà Vũ Thị Lành từ chối bình luận về giá đất sét.",
    ],
)
def test_no_quote(sentence):
    assert told(sentence) == []


def test_a_second_cue_shares_the_subject_and_a_new_subject_ends_the_content():
    assert told(
        "Ông Mai Văn Kỳ nói lò đã cũ, đồng thời kêu gọi thợ gốm góp vốn, nhưng bà Vũ Thị Lành cho rằng lò còn tốt."
    ) == [
        ("INDIRECT", "lò đã cũ", "nói", "Mai Văn Kỳ"),
        ("INDIRECT", "thợ gốm góp vốn", "kêu gọi", "Mai Văn Kỳ"),
        ("INDIRECT", "lò còn tốt", "cho rằng", "Vũ Thị Lành"),
    ]


def test_a_pronoun_is_the_last_suitable_person():
    rows = told("Ông Mai Văn Kỳ gặp bà Vũ Thị Lành.", "Bà nói lò đã cũ.", "Ông cho biết lò còn tốt. ")
    assert [speaker for *_, speaker in rows] == ["Vũ Thị Lành", "Mai Văn Kỳ"]


def test_a_description_is_the_source_that_was_introduced():
    rows = told("Một nghệ nhân giấu tên cho biết lò đã cũ.", "Nghệ nhân này nói lò sẽ nghỉ.")
    assert [speaker for *_, speaker in rows] == ["Một nghệ nhân", "Một nghệ nhân"]


def test_a_quotation_without_cue_goes_on_with_the_speaker():
    rows = told("“Lò đã cũ”, bà Vũ Thị Lành nói.", "“Nhưng chúng tôi chưa nghỉ.”")
    assert rows[1] == ("DIRECT", "“Nhưng chúng tôi chưa nghỉ.”", "", "Vũ Thị Lành")


def test_who_relays_is_via():
    made = document("Báo Lò Gốm dẫn lời bà Vũ Thị Lành nói rằng đất sét sắp hết.")
    (quote,) = quotes_rules.tag(made).quotes or ()
    assert row(made.text, quote) == ("INDIRECT", "đất sét sắp hết", "nói", "Vũ Thị Lành")
    assert quote.via is not None
    assert "Lò Gốm" in (quote.via.name or "")


def test_a_saying_inside_a_quotation_has_level_two():
    made = document("“Người dân lo sông cạn và thợ gốm cảnh báo lò sẽ nghỉ”, bà Vũ Thị Lành nói.")
    outer, *inner = quotes_rules.tag(made).quotes or ()
    assert outer.level == 1
    assert [(quote.level, quote.parent, made.text[slice(*quote.spans[0])]) for quote in inner if quote.act == "speech"] == [
        (2, outer.id, "lò sẽ nghỉ")
    ]


def test_a_quotation_may_have_several_sentences_and_paragraphs():
    rows = told("Bà Vũ Thị Lành kể: “Lò đã cũ.", "“Đất sét đã hết. Thợ đã đi.”")
    assert [found[:2] for found in rows] == [("DIRECT", "“Lò đã cũ. | “Đất sét đã hết. Thợ đã đi.”")]


def test_only_title_and_body_are_read():
    sentences = ("Bà Vũ Thị Lành nói lò đã cũ.", "Bà Vũ Thị Lành nói lò còn tốt.")
    cut = len(sentences[0]) + 1
    zones = (Zone(start=0, end=cut, type="title"), Zone(start=cut, end=cut + len(sentences[1]) + 1, type="caption"))
    quotes = quotes_rules.tag(document(*sentences, zones=zones)).quotes or ()
    assert [quote.heading for quote in quotes] == [True]


def test_an_unclosed_mark_does_not_swallow_what_follows():
    text = "“Lò đã cũ\nBà đi về.\n“Đất sét đã hết.”\n"
    assert [text[a:b] for pair in pairs(text, 0, len(text), [(0, 9), (10, 19), (20, 37)]) for a, b in pair.spans] == [
        "“Lò đã cũ",
        "“Đất sét đã hết.”",
    ]


def test_given_quotes_get_only_their_speakers():
    made = document("Ông Mai Văn Kỳ đến lò.", "Hôm qua ông nói lò đã cũ.", "“Cũ thật.”")
    cue = made.text.index("nói")
    quotes = (
        Quote(
            id="a", type="INDIRECT", spans=((made.text.index("lò đã"), made.text.index("lò đã") + 9),), cues=((cue, cue + 3),)
        ),
        Quote(id="b", type="DIRECT", spans=((made.text.index("“"), made.text.index("”") + 1),)),
    )
    answer = quotes_rules.tag(made, Record(id="invented", quotes=quotes)).quotes or ()
    assert [(q.id, q.type, q.spans, q.cues) for q in answer] == [(q.id, q.type, q.spans, q.cues) for q in quotes]
    assert [q.speaker and q.speaker.name for q in answer] == ["Mai Văn Kỳ", "Mai Văn Kỳ"]


def test_lexicons_name_the_class_of_every_entry():
    for name, kinds in {
        "reporting": {"clause", "act", "topic", "marks", "relay", "noun", "no"},
        "attitudes": {"attitude", "feeling", "no"},
        "pronouns": {"m", "f", "-", "+", "1", "person", "group", "text"},
    }.items():
        assert {kind for entries in classes(name).values() for _, kind in entries} == kinds


def test_the_answer_is_the_same_each_time():
    made = document("Ông Mai Văn Kỳ nói lò đã cũ.", "Họ tin rằng lò sẽ nghỉ.")
    assert quotes_rules.tag(made) == quotes_rules.tag(made)
