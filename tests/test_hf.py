"""Token classification pipelines: a tiny model made on the spot, run by name in a process of its own."""

from pathlib import Path

import pytest

from vnnews_bench import BenchError, systems
from vnnews_bench.records import Document
from vnnews_bench.tools import Settings

torch = pytest.importorskip("torch", reason="pip install 'vnnews-bench[hf]'")
transformers = pytest.importorskip("transformers", reason="pip install 'vnnews-bench[hf]'")

LABELS = ["O", "B-PERSON", "I-PERSON", "B-LOC", "B-JOB"]
SENTENCES = [
    ("Bà Lê Sen thăm Huế .", [0, 1, 2, 0, 3, 0]),
    ("Luật sư Khoan rời Huế .", [4, 0, 1, 0, 3, 0]),
    ("Hôm qua Lê Khoan gặp Sen .", [0, 0, 1, 2, 0, 1, 0]),
]


@pytest.fixture(scope="module")
def model(tmp_path_factory) -> Path:
    """A model of one layer that has learnt three sentences by heart."""
    from tokenizers import Tokenizer, models, pre_tokenizers

    folder = tmp_path_factory.mktemp("tiny")
    words = ["[PAD]", "[UNK]", *dict.fromkeys(word for sentence, _ in SENTENCES for word in sentence.split())]
    tokenizer = Tokenizer(models.WordLevel({word: n for n, word in enumerate(words)}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    fast = transformers.PreTrainedTokenizerFast(tokenizer_object=tokenizer, unk_token="[UNK]", pad_token="[PAD]")
    torch.manual_seed(7)
    sizes = {"hidden_size": 32, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 32}
    names = {"id2label": dict(enumerate(LABELS)), "label2id": {label: n for n, label in enumerate(LABELS)}}
    config = transformers.BertConfig(vocab_size=len(words), **sizes, **names, max_position_embeddings=32)
    tiny = transformers.BertForTokenClassification(config)
    optimizer = torch.optim.Adam(tiny.parameters(), 0.01)
    for _ in range(60):
        for sentence, tags in SENTENCES:
            loss = tiny(**fast(sentence, return_tensors="pt"), labels=torch.tensor([tags])).loss
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    tiny.eval().save_pretrained(folder)
    fast.save_pretrained(folder)
    return folder


def article() -> Document:
    lines = [sentence.replace("Lê Sen", "Lê_Sen").replace(" .", ".") for sentence, _ in SENTENCES]
    spans, at = [], 0
    for line in lines:
        spans.append((at, at + len(line)))
        at += len(line) + 1
    return Document(id="invented", text="\n".join(lines), sentences=tuple(spans))


def test_a_tiny_model_by_its_folder(model):
    document = article()
    (outcome,) = systems.outcomes(f"hf:{model}", [document], Settings())
    assert outcome.lost is None
    assert [(document.text[e.start : e.end], e.label) for e in outcome.record.entities] == [
        ("Lê_Sen", "PER"),
        ("Huế", "LOC"),
        ("Khoan", "PER"),
        ("Huế", "LOC"),
        ("Lê Khoan", "PER"),
        ("Sen", "PER"),
    ]
    assert outcome.notes == ("label: the label JOB",)


def test_a_model_that_is_not_there_is_one_line(tmp_path):
    with pytest.raises(BenchError) as caught:
        list(systems.outcomes(f"hf:{tmp_path}/nothing", [article()], Settings()))
    assert str(caught.value).startswith(f"hf: {tmp_path}/nothing cannot be loaded: ")
    assert len(str(caught.value).splitlines()) == 1
