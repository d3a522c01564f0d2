"""The page of formats: each example is read as it stands, and the page names every format and kind of loss."""

import re
from pathlib import Path

import pytest

from vnnews_bench import formats
from vnnews_bench.formats.exchange import LOSSES
from vnnews_bench.records import LAYERS, Document

PAGE = (Path(__file__).parent.parent / "docs" / "formats.md").read_text(encoding="utf-8")
EXAMPLES = dict(re.findall(r"```(\w+)\n(.*?)```\n\n(?=[A-Z`])", PAGE, re.S))
# "Yesterday Mrs Lan said she would come to Đà Nẵng. “I love this city,” said Mrs Lan, and met Mr An."
TEXT = "Hôm qua bà Lan, nói sẽ đến Đà Nẵng. “Tôi yêu thành phố này”, Bà Lan nói, rồi gặp ông An."
SUFFIXES = {"conll": ".conll", "timeml": ".tml", "brat": ".ann", "webanno": ".tsv", "labelstudio": ".json", "cas": ".json"}


def test_the_page_has_a_section_and_an_example_for_every_format():
    assert set(re.findall(r"^## (\w+)$", PAGE, re.M)) == set(formats.FORMATS)
    assert set(EXAMPLES) == set(formats.FORMATS) - {"spacy", "records"}
    for kind in LOSSES:
        assert f"`{kind}`" in PAGE, kind


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_of_the_page_is_read_without_a_loss(name, tmp_path):
    path = tmp_path / f"tin-1{SUFFIXES.get(name, '.jsonl')}"
    path.write_text(EXAMPLES[name], encoding="utf-8")
    (tmp_path / "tin-1.txt").write_text("Hôm qua bà Lan, nói sẽ đến Đà Nẵng.", encoding="utf-8")
    assert formats.sniff(path) == name
    documents = {id: Document(id=id, text=TEXT) for id in ("tin-1", "tin-2")}
    read = formats.read(path, documents if name == "strings" else None)
    assert read.losses == ()
    assert sum(len(getattr(record, layer) or ()) for record in read.records for layer in LAYERS) > 0
