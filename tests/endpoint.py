"""A chat endpoint on the loopback interface that misbehaves as it is told to, request by request."""

import contextlib
import json
import threading
from collections import defaultdict
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

SOUND = {
    "ner": {"entities": [{"text": "Lê Thị Sen", "label": "PER"}, {"text": "Huế", "label": "GPE"}]},
    "quotes": {"quotes": [{"quote": "nước đang rút", "speaker": "Lê Thị Sen", "cue": "cho biết", "type": "INDIRECT"}]},
    "dates": {
        "timexes": [{"text": "hôm qua", "type": "DATE", "value": "2031-05-06"}],
        "events": [{"trigger": "gặp", "type": "MEET", "date": "2031-05-06"}],
    },
}


class Endpoint(ThreadingHTTPServer):
    """`script` holds, by task, what to do with the next requests; without any left, a sound answer."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.script: dict[str, list[Callable[[Handler], None]]] = defaultdict(list)
        self.asked: list[dict] = []
        self.greeting = 404  # what it says to whoever asks for its models
        self.closing = threading.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/v1"

    def tasks(self) -> list[str]:
        return [task_of(request) for request in self.asked]


def task_of(request: dict) -> str:
    prompt = request["messages"][0]["content"]
    return "ner" if '"entities"' in prompt else "quotes" if '"quotes"' in prompt else "dates"


class Handler(BaseHTTPRequestHandler):
    server: Endpoint

    def do_GET(self) -> None:
        self.send(self.server.greeting, b"{}")

    def do_POST(self) -> None:
        request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.asked.append(request | {"authorization": self.headers["Authorization"]})
        self.task = task_of(request)
        behaviours = self.server.script[self.task]
        behaviour = behaviours.pop(0) if behaviours else says(json.dumps(SOUND[self.task], ensure_ascii=False))
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            behaviour(self)

    def send(self, status: int, body: bytes, kind: str = "application/json") -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("retry-after-ms", "10")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Silent."""


Behaviour = Callable[[Handler], None]


def says(content: str, finish: str = "stop") -> Behaviour:
    choice = {"index": 0, "finish_reason": finish, "message": {"role": "assistant", "content": content}}
    usage = {"prompt_tokens": 100, "completion_tokens": 10, "total_tokens": 110}
    body = {"id": "x", "object": "chat.completion", "created": 0, "model": "tiny", "choices": [choice], "usage": usage}
    return lambda handler: handler.send(200, json.dumps(body).encode())


def fails(status: int, message: str = "not now") -> Behaviour:
    return lambda handler: handler.send(status, json.dumps({"error": {"message": message}}).encode())


def raw(body: bytes, kind: str) -> Behaviour:
    return lambda handler: handler.send(200, body, kind)


def hangs(handler: Handler) -> None:
    handler.server.closing.wait(60)


def hangs_up(handler: Handler) -> None:
    handler.close_connection = True
    handler.connection.close()


@contextlib.contextmanager
def running() -> Iterator[Endpoint]:
    endpoint = Endpoint()
    thread = threading.Thread(target=endpoint.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield endpoint
    finally:
        endpoint.closing.set()
        endpoint.shutdown()
        thread.join()
        endpoint.server_close()
