"""The rules for dates: spans and values of invented expressions, and the days and states of invented events."""

import datetime

import pytest
from vnnews_baselines import dates_rules
from vnnews_baselines.dating.calendars import lunar_day

from vnnews_bench.records import Document, DocumentDate, Event, Record, Zone

DCT = "2031-05-15"  # a Thursday in week 20


def document(text: str, dct: str | None = DCT, zones: tuple[Zone, ...] = ()) -> Document:
    sentences, start = [], 0
    for part in text.split("\n"):
        sentences.append((start, start + len(part)))
        start += len(part) + 1
    day = datetime.date.fromisoformat(dct) if dct else None
    date = DocumentDate(date=dct, earliest=day, latest=day, source="stated", evidence=()) if dct and day else None
    return Document(id="invented", text=text, dct=date, sentences=tuple(sentences), zones=zones)


def timexes(text: str, dct: str | None = DCT) -> list[tuple[str, str]]:
    return [(timex.text, timex.value) for timex in dates_rules.tag(document(text, dct)).timexes]


def events(text: str, dct: str | None = DCT) -> list[Event]:
    return list(dates_rules.tag(document(text, dct)).events)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # days
        ("Hội chợ mở cửa ngày 20/4/2030.", [("ngày 20/4/2030", "2030-04-20")]),
        ("Chợ phiên họp vào 3-6.", [("3-6", "2031-06-03")]),
        ("Cầu thông xe hôm 7.3, sớm một tuần.", [("hôm 7.3", "2031-03-07"), ("một tuần", "P1W")]),
        ("Lò gốm tắt lửa ngày 9 tháng 2 năm 2028.", [("ngày 9 tháng 2 năm 2028", "2028-02-09")]),
        ("Đàn trâu về bản ngày 2 tháng Tư.", [("ngày 2 tháng Tư", "2031-04-02")]),
        ("Cây đổ hôm 1/9.", [("hôm 1/9", "2030-09-01")]),
        ("Vườn sẽ mở cửa ngày 3/2.", [("ngày 3/2", "2032-02-03")]),
        ("Tàu neo từ ngày 7 đến ngày 9/5.", [("ngày 7", "2031-05-07"), ("ngày 9/5", "2031-05-09")]),
        ("Lớp học mở ngày 21-23/5.", [("ngày 21", "2031-05-21"), ("23/5", "2031-05-23")]),
        ("Xưởng nghỉ ngày 2, 3 và 4/6.", [("ngày 2", "2031-06-02"), ("3", "2031-06-03"), ("4/6", "2031-06-04")]),
        ("Bến đóng ngày 30-4 và 1-5.", [("ngày 30-4", "2031-04-30"), ("1-5", "2031-05-01")]),
        ("Hôm thứ Ba, chợ đóng cửa.", [("Hôm thứ Ba", "2031-05-13")]),
        ("Họ đến Chủ nhật này.", [("Chủ nhật này", "2031-05-18")]),
        ("Thứ Tư tuần tới, đò ngừng chạy.", [("Thứ Tư tuần tới", "2031-05-21")]),
        ("Phà sẽ chạy lại vào thứ Hai.", [("thứ Hai", "2031-05-19")]),
        ("Ngày kia, đội về đích; hôm kia còn mưa.", [("Ngày kia", "2031-05-13"), ("hôm kia", "2031-05-13")]),
        ("Ngày 3/5, lúa trổ. Hôm sau, mưa đá.", [("Ngày 3/5", "2031-05-03"), ("Hôm sau", "2031-05-04")]),
        ("Ngày 3/5, lúa trổ. Sau đó ba ngày, mưa.", [("Ngày 3/5", "2031-05-03"), ("Sau đó ba ngày", "2031-05-06")]),
        ("Năm ngày trước, giếng cạn.", [("Năm ngày trước", "2031-05-10")]),
        ("Cách đây khoảng 3 tháng, giếng cạn.", [("Cách đây khoảng 3 tháng", "2031-02")]),
        ("Mười ngày nữa, mùa gặt bắt đầu.", [("Mười ngày nữa", "2031-05-25")]),
        # weeks, months, years
        ("Cuối tuần này có chợ.", [("Cuối tuần này", "2031-W20")]),
        ("Tháng sau, trường mở lớp.", [("Tháng sau", "2031-06")]),
        ("Giá tăng hồi tháng Chạp.", [("tháng Chạp", "2030-12")]),
        ("Nửa đầu tháng 3, trời rét.", [("Nửa đầu tháng 3", "2031-03")]),
        ("Đề án duyệt tháng 8-2027.", [("tháng 8-2027", "2027-08")]),
        ("Quý II/2030, sản lượng giảm.", [("Quý II/2030", "2030-Q2")]),
        ("Nửa cuối năm ngoái, giá giảm.", [("Nửa cuối năm ngoái", "2030-H2")]),
        ("Sang năm, đường mới xong.", [("Sang năm", "2032")]),
        ("Mùa đông năm ngoái rất lạnh.", [("Mùa đông năm ngoái", "2030-WI")]),
        ("Làng có từ thế kỷ XVII.", [("thế kỷ XVII", "16")]),
        ("Ga xây giữa thập niên 70.", [("giữa thập niên 70", "197")]),
        ("Giai đoạn 2027-2029 có hạn.", [("2027", "2027"), ("2029", "2029")]),
        # times of the day
        ("Tàu rời bến lúc 6h15 sáng mai.", [("6h15 sáng mai", "2031-05-16T06:15")]),
        ("Đêm qua có sương; trưa nay nắng.", [("Đêm qua", "2031-05-14TNI"), ("trưa nay", "2031-05-15TMI")]),
        ("Lúc 7 giờ tối thứ Ba, chuông đổ.", [("7 giờ tối thứ Ba", "2031-05-13T19:00")]),
        ("Cổng mở sáng ngày 2/6, đóng lúc 17:30.", [("sáng ngày 2/6", "2031-06-02TMO"), ("17:30", "2031-06-02T17:30")]),
        # lengths, sets, vague references
        ("Lễ kéo dài 2 giờ 15 phút.", [("2 giờ 15 phút", "PT2H15M")]),
        ("Họ chờ gần ba tiếng rưỡi.", [("gần ba tiếng rưỡi", "PT3H30M")]),
        ("Trong 12 tháng qua, rừng hồi sinh.", [("12 tháng qua", "P12M")]),
        ("Hàng chục năm, đình bỏ hoang nửa năm.", [("Hàng chục năm", "PXY"), ("nửa năm", "P6M")]),
        ("3 tháng đầu năm, khách tăng.", [("3 tháng đầu năm", "P3M")]),
        ("Mỗi tuần họp chợ, thứ Sáu hằng tuần có hát.", [("Mỗi tuần", "P1W"), ("thứ Sáu hằng tuần", "XXXX-WXX-5")]),
        ("Lễ 4 năm một lần.", [("4 năm một lần", "P4Y")]),
        ("Mấy năm gần đây, cá hiếm.", [("Mấy năm gần đây", "PAST_REF")]),
        ("Vài tháng tới, cá về.", [("Vài tháng tới", "FUTURE_REF")]),
        # lunar days
        ("Hội mở mùng 6 tháng Giêng.", [("mùng 6 tháng Giêng", "2031-01-28")]),
        ("Rằm tháng Tám năm nay có rước đèn.", [("Rằm tháng Tám năm nay", "2031-10-01")]),
        ("Tết Nguyên đán 2030 rơi sớm.", [("Tết Nguyên đán 2030", "2030-02-02")]),
        # word-segmented text
        (
            "Hội_chợ mở cuối tháng_2 năm_ngoái , ngày 18 / 6 .",
            [("cuối tháng_2 năm_ngoái", "2030-02"), ("ngày 18 / 6", "2031-06-18")],
        ),
        # nothing
        ("Đội thắng với tỷ số 4-2, chiếm 3/5 số phiếu, đứng thứ hai.", []),
        ("Cậu bé 7 tuổi chạy 12 km/giờ trên đường 2 Tháng 9.", []),
        ("Sau này, khi đó, thường xuyên, cuối cùng.", []),
    ],
)
def test_spans_and_values(text, expected):
    assert timexes(text) == expected


def test_every_field_of_a_time_expression():
    (timex,) = dates_rules.tag(document("Đầu tháng 11 năm ngoái, hồ cạn.")).timexes
    assert (timex.id, timex.type, timex.mod, timex.anchor) == ("t1", "DATE", "START", "dct")
    assert (timex.earliest, timex.latest) == (datetime.date(2030, 11, 1), datetime.date(2030, 11, 10))
    assert timex.value_nodct == "XXXX-11"


def test_without_a_document_date_only_the_text_counts():
    text = "Ngày 4/5/2031, hội mở. Hôm sau, mưa. Ngày 9/5, hội tan. Hôm nay, thứ Hai, tháng tới."
    found = dates_rules.tag(document(text, None)).timexes
    assert [timex.value for timex in found] == ["2031-05-04", "2031-05-05", "2031-05-09", "XXXX-XX-XX", "XXXX-WXX-1", "XXXX-XX"]
    assert [timex.earliest is not None for timex in found] == [True, True, True, False, False, False]


def test_deictics_of_a_section_count_from_its_date():
    text = "06/05/2031 Chợ mở lại.\nHôm qua, đò chạy thử.\nHôm qua, mưa."
    zones = (
        Zone(start=0, end=45, type="teaser", section_time=datetime.date(2031, 5, 6)),
        Zone(start=45, end=len(text), type="body"),
    )
    found = dates_rules.tag(document(text, DCT, zones)).timexes
    assert [(timex.value, timex.anchor, timex.function) for timex in found] == [
        ("2031-05-06", "explicit", "SECTION_TIME"),
        ("2031-05-05", "t1", None),
        ("2031-05-14", "dct", None),
    ]


@pytest.mark.parametrize(
    ("year", "new_year"),
    [
        (1985, "1985-01-21"),  # a month before the Chinese one
        (2007, "2007-02-17"),  # a day before the Chinese one
        (2023, "2023-01-22"),
        (2026, "2026-02-17"),
        (2030, "2030-02-02"),
    ],
)
def test_the_lunar_calendar_is_the_vietnamese_one(year, new_year):
    assert str(lunar_day(year, 1, 1)) == new_year


def test_a_lunar_day_that_the_month_has_not():
    days = [lunar_day(2031, month, 30) for month in range(1, 13)]
    assert None in days
    assert any(days)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Ngày 6/5, hai chủ tịch xã hội đàm ở Sa Pa.", [("MEET", "hội đàm", "actual", "2031-05-06")]),
        ("Hai thị trưởng sẽ điện đàm vào thứ Bảy này.", [("PHONE_CALL", "điện đàm", "planned", "2031-05-17")]),
        ("Bà Lê Sen thăm Huế từ ngày 1 đến ngày 3/5.", [("VISIT", "thăm", "actual", "2031-05-01/2031-05-03")]),
        ("Nếu hai bên ký hợp đồng trước ngày 1/8, giá sẽ giảm.", [("AGREE", "ký", "hypothetical", "[..2031-07-31]")]),
        (
            "Chuyến thăm Vinh ngày 8/5 của ông Khoan bị hoãn.",
            [("VISIT", "thăm", "not_occurred", "2031-05-08/.."), ("POSTPONE", "hoãn", "actual", None)],
        ),
        ("Hải quân Lào tập trận từ 2/5.", [("MILITARY_ACTION", "tập trận", "actual", "2031-05-02/..")]),
        ("Ông Khoan có thể nhậm chức trong tháng 6.", [("TAKE_OFFICE", "nhậm chức", "possible", "2031-06")]),
        ("Một loạt cuộc gặp đã diễn ra; hai xã gặp khó khăn.", []),
    ],
)
def test_events(text, expected):
    assert [(e.type, text[slice(*e.mentions[0])], e.modality, e.edtf) for e in events(text)] == expected


def test_a_noun_goes_back_to_the_event_before_it():
    (event,) = events("Hôm 6/5, hai chủ tịch xã gặp nhau ở Sa Pa.\nCuộc gặp kéo dài hai giờ.")
    assert len(event.mentions) == 2
    assert event.begin.earliest == datetime.date(2031, 5, 6)


def test_given_events_keep_their_mentions_and_get_dates():
    text = "Hôm 6/5, đội thuyền cập bờ. Ngày mai, họ sẽ hát."
    given = Record(
        id="invented",
        events=(Event(id="a", type="VISIT", mentions=((18, 25),)), Event(type="MEET", mentions=((44, 47),))),
    )
    one, other = dates_rules.tag(document(text.replace(". ", ".\n")), given).events
    assert (one.id, one.mentions, one.edtf, one.modality) == ("a", ((18, 25),), "2031-05-06/..", "actual")
    assert (other.type, other.edtf, other.modality) == ("MEET", "2031-05-16", "planned")
