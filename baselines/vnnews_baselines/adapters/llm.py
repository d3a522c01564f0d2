"""Any chat model behind an OpenAI-compatible endpoint: one request for each task of a document, answered in strings.

Answers that hold JSON are kept on disk by what was asked, so that a run that broke goes on where it was. Requests that fail
for a reason that passes (429, 5xx, time out, no connection) are sent again with growing pauses, by the client library.
"""

import hashlib
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, get_args

import msgspec

from vnnews_baselines.adapters import imported, plain
from vnnews_bench import files
from vnnews_bench.errors import BenchError
from vnnews_bench.formats.strings import extract, resolve
from vnnews_bench.records import Document, EventType, Label, QuoteType, Record, TimexType
from vnnews_bench.tools import Answer, Settings, Usage

PROMPTS = Path(__file__).with_name("prompts")
LAYERS = {"ner": ("entities",), "quotes": ("quotes",), "dates": ("timexes", "events")}
RETRIES = 5


class Reply(msgspec.Struct, frozen=True):
    """What the model wrote, why it stopped, the tokens that it read and wrote; whether it was kept from a run before."""

    content: str
    finish: str = ""
    prompt_tokens: int = 0
    completion_tokens: int = 0
    by_schema: bool = True
    kept: bool = False


def start(settings: Settings) -> Callable[[Document], dict[str, Reply]]:
    """The replies by task. The key of the endpoint is read from OPENAI_API_KEY; one of your own machine needs none."""
    endpoint = settings.base_url
    if endpoint is None:
        raise BenchError(f"llm:{settings.model} needs an endpoint: --base-url https://…/v1")
    openai = imported("llm", "openai")
    client = openai.OpenAI(
        base_url=endpoint,
        api_key=os.environ.get("OPENAI_API_KEY") or "none",
        max_retries=RETRIES,
        timeout=settings.seconds / 6,  # so that each of the three requests may hang once
    )

    try:
        client.with_options(max_retries=0, timeout=10).models.list()
    except openai.APIConnectionError as error:
        raise BenchError(f"llm: nothing answers at {endpoint}: {error.__cause__ or error}") from None
    except openai.AuthenticationError:
        raise BenchError(f"llm: {endpoint} wants another key than that in OPENAI_API_KEY") from None
    except Exception:  # not every endpoint lists its models, nor lists them as it should: it is there
        pass

    def complete(**request: Any) -> Reply:
        found = client.chat.completions.create(**request)
        if not getattr(found, "choices", None):
            raise RuntimeError("the endpoint answered without choices")
        choice, usage = found.choices[0], found.usage
        spent = (usage.prompt_tokens, usage.completion_tokens) if usage else (0, 0)
        return Reply(choice.message.content or "", choice.finish_reason or "", *spent)

    def ask(task: str, document: Document) -> Reply:
        request = {"model": settings.model, "messages": messages(task, settings.language, document)}
        strict = {"temperature": 0, "response_format": {"type": "json_schema", "json_schema": schema(task)}}
        path = _folder(settings) / f"{_key(endpoint, request)}.json"
        if path.is_file():
            return msgspec.structs.replace(msgspec.json.decode(path.read_bytes(), type=Reply), kept=True)
        try:
            reply = complete(**request, **strict)
        except openai.BadRequestError:  # not every endpoint knows schemas, nor every model a temperature
            reply = msgspec.structs.replace(complete(**request), by_schema=False)
        if extract(reply.content) is not None:
            files.write_bytes(msgspec.json.encode(reply), path)
        return reply

    return lambda document: {task: ask(task, document) for task in LAYERS}


def messages(task: str, language: str, document: Document) -> list[dict[str, str]]:
    """The prompt of a task, and the article below its date."""
    prompt = (PROMPTS / f"{task}.{language}.txt").read_text(encoding="utf-8")
    date = f"{document.dct.date}\n\n" if document.dct else ""
    return [{"role": "system", "content": prompt}, {"role": "user", "content": date + plain(document.text)}]


def read(document: Document, printed: Mapping[str, Reply]) -> Answer:
    """The record of the replies to all tasks, and the tokens that they took."""
    layers: dict[str, Any] = {}
    notes: list[str] = []
    usage = Usage()
    for task, reply in printed.items():
        found, lost = layers_of(task, reply, document)
        layers |= found
        notes += [] if reply.by_schema else [f"{task}: the endpoint refuses a JSON schema; asked without"]
        notes += lost
        usage += Usage(int(not reply.kept), int(reply.kept), reply.prompt_tokens, reply.completion_tokens)
    return Answer(Record(id=document.id, **layers), tuple(notes), usage)


def layers_of(task: str, reply: Reply, document: Document) -> tuple[dict[str, Any], list[str]]:
    """The layers of a task from what the model wrote, and what could not be taken over; a layer that is not there is empty."""
    raw = extract(reply.content)
    if raw is None:
        why = f"no JSON object in the answer, scored as empty (finish: {reply.finish or 'not told'})"
        return dict.fromkeys(LAYERS[task], ()), [f"{task}: {why}"]
    record, losses = resolve({layer: raw[layer] for layer in LAYERS[task] if layer in raw}, document)
    notes = [f"{task}: the answer has no {layer}, scored as empty" for layer in LAYERS[task] if layer not in raw]
    notes += [f"{task}: {loss.kind}: {loss.message}" for loss in losses]
    return {layer: getattr(record, layer) or () for layer in LAYERS[task]}, notes


def schema(task: str) -> dict[str, Any]:
    """The JSON schema of a task's answer, in the subset that strict endpoints take: all is required, nothing else allowed."""
    text = {"type": "string"}
    items = {
        "entities": {"text": text, "label": _one_of(Label)},
        "quotes": {"quote": text, "speaker": text, "cue": text, "type": _one_of(QuoteType)},
        "timexes": {"text": text, "type": _one_of(TimexType), "value": text},
        "events": {"trigger": text, "type": _one_of(EventType), "date": text},
    }
    layers = {layer: {"type": "array", "items": _object(items[layer])} for layer in LAYERS[task]}
    return {"name": task, "strict": True, "schema": _object(layers)}


def _one_of(names: Any) -> dict[str, Any]:
    return {"type": "string", "enum": list(get_args(names))}


def _object(fields: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": fields, "required": list(fields), "additionalProperties": False}


def _folder(settings: Settings) -> Path:
    base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    folder = Path(settings.cache or base / "vnnews-bench" / "llm")
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _key(base_url: str, request: dict[str, Any]) -> str:
    return hashlib.sha256(msgspec.json.encode([base_url, request])).hexdigest()


def versions() -> dict[str, str]:
    """The prompts, by their hash."""
    parts = [path.name.encode() + b"\0" + path.read_bytes() for path in sorted(PROMPTS.glob("*.txt"))]
    return {"prompts": hashlib.sha256(b"\0".join(parts)).hexdigest()[:8]}
