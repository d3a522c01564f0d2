"""A Hugging Face Hub for datasets, in memory and on loopback, that speaks as much of its protocol as the stock clients use.

Repositories with commits, branches and tags; files in git or in large-file storage; faults on demand. Parquet goes to
large-file storage as on the Hub; clients set HF_HUB_DISABLE_XET=1, because the chunked storage behind it is not imitated.

Source: what huggingface_hub 0.30 to 2.4 send, and its documentation of the HTTP API.
"""

import base64
import hashlib
import json
import re
import threading
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple
from urllib.parse import parse_qs, unquote, urlsplit

TOKEN = "hf_loopback"


class Stored(NamedTuple):
    """A file in large-file storage."""

    sha256: str
    size: int


class Commit(NamedTuple):
    id: str
    files: dict[str, bytes | Stored]


class Repository:
    """A dataset: its commits, and where branches and tags point."""

    def __init__(self, name: str, private: bool) -> None:
        self.name, self.private = name, private
        self.commits: list[Commit] = []
        self.branches: dict[str, str] = {}
        self.tags: dict[str, str] = {}
        self.commit("main", {".gitattributes": b"*.parquet filter=lfs diff=lfs merge=lfs -text\n"})

    def commit(self, branch: str, files: dict[str, bytes | Stored]) -> str:
        seed = f"{self.name} {len(self.commits)} {sorted(files)}"
        self.commits.append(Commit(hashlib.sha1(seed.encode()).hexdigest(), files))
        self.branches[branch] = self.commits[-1].id
        return self.commits[-1].id

    def at(self, revision: str) -> Commit:
        """The commit of a branch, tag or id. Raises `LookupError`."""
        id = self.branches.get(revision) or self.tags.get(revision) or revision
        return next(commit for commit in self.commits if commit.id == id) if any(c.id == id for c in self.commits) else _none()


def _none() -> Any:
    raise LookupError("RevisionNotFound")


class Hub(ThreadingHTTPServer):
    """The server: `start` it, read its `endpoint`, `log` and `repositories`; `drop` makes it fail."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.repositories: dict[str, Repository] = {}
        self.storage: dict[str, bytes] = {}
        self.log: list[tuple[str, str]] = []
        self.lock = threading.RLock()
        self._faults: list[list[Any]] = []
        self.damaged: set[str] = set()

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def start(self) -> "Hub":
        threading.Thread(target=self.serve_forever, daemon=True).start()
        return self

    def drop(self, method: str, pattern: str, times: int = 1) -> None:
        """Closes the connection without an answer, so many times, on requests that match."""
        self._faults.append([method, pattern, times])

    def damage(self, name: str) -> None:
        """Serves a file with one byte turned, in every revision."""
        self.damaged.add(name)

    def fails(self, method: str, path: str) -> bool:
        for fault in self._faults:
            if fault[2] and fault[0] == method and re.search(fault[1], path):
                fault[2] -= 1
                return True
        return False

    def count(self, method: str, pattern: str) -> int:
        return sum(one == method and re.search(pattern, path) is not None for one, path in self.log)

    def content(self, file: bytes | Stored) -> bytes:
        return self.storage[file.sha256] if isinstance(file, Stored) else file

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that goes away is no news."""


class RefusedError(Exception):
    """An answer other than 200, raised where it is found out."""

    def __init__(self, status: int, code: str = "", message: str = "") -> None:
        self.status, self.code, self.message = status, code, message


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Hub

    def log_message(self, *args: Any) -> None:
        """Silent."""

    def _handle(self) -> None:
        url = urlsplit(self.path)
        body = self._body()
        with self.server.lock:
            self.server.log.append((self.command, url.path))
            if self.server.fails(self.command, url.path):
                self.close_connection = True
                return
            try:
                self._route(url.path, parse_qs(url.query), body)
            except RefusedError as answer:
                headers = {"X-Error-Code": answer.code, "X-Error-Message": answer.message}
                self._send(answer.status, json.dumps({"error": answer.message}).encode(), **headers)
            except LookupError:
                self._send(404, b"{}", **{"X-Error-Code": "RevisionNotFound", "X-Error-Message": "Invalid rev id"})

    do_GET = do_POST = do_PUT = do_HEAD = do_DELETE = _handle  # noqa: N815

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding", "").lower() == "chunked":
            parts = []
            while size := int(self.rfile.readline().split(b";")[0], 16):
                parts.append(self.rfile.read(size))
                self.rfile.readline()
            self.rfile.readline()
            return b"".join(parts)
        return self.rfile.read(int(self.headers.get("Content-Length") or 0))

    def _send(self, status: int, body: bytes = b"{}", kind: str = "application/json", **headers: str) -> None:
        self.send_response(status)
        for name, value in ({"Content-Type": kind, "Content-Length": str(len(body))} | headers).items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def _json(self, value: Any) -> None:
        self._send(200, json.dumps(value).encode())

    def _route(self, path: str, query: dict[str, list[str]], body: bytes) -> None:
        name = r"(?P<name>[^/]+/[^/.]+(?:\.[^/]+)*?)"
        routes = (
            ("POST", r"/api/repos/create", self._create),
            ("POST", r"/api/validate-yaml", lambda: self._json({"errors": [], "warnings": []})),
            ("GET", r"/api/whoami-v2", self._whoami),
            ("PUT", r"/storage/(?P<sha256>[0-9a-f]{64})", lambda sha256: self._store(sha256, body)),
            ("POST", rf"/datasets/{name}\.git/info/lfs/objects/batch", lambda repo: self._batch(json.loads(body))),
            ("GET|HEAD", rf"/datasets/{name}/resolve/(?P<revision>[^/]+)/(?P<file>.+)", self._resolve),
            ("GET", rf"/api/datasets/{name}(?:/revision/(?P<revision>[^/]+))?", self._info),
            (
                "POST",
                rf"/api/datasets/{name}/preupload/(?P<revision>[^/]+)",
                lambda repo, revision: self._preupload(json.loads(body)),
            ),
            ("POST", rf"/api/datasets/{name}/commit/(?P<branch>[^/]+)", lambda repo, branch: self._commit(repo, branch, body)),
            (
                "GET",
                rf"/api/datasets/{name}/tree/(?P<revision>[^/]+)(?:/(?P<below>.+))?",
                lambda **at: self._tree(**at, query=query),
            ),
            (
                "POST",
                rf"/api/datasets/{name}/paths-info/(?P<revision>[^/]+)",
                lambda repo, revision: self._paths(repo, revision, body),
            ),
            ("GET", rf"/api/datasets/{name}/refs", self._refs),
            (
                "POST",
                rf"/api/datasets/{name}/tag/(?P<revision>[^/]+)",
                lambda repo, revision: self._tag(repo, revision, json.loads(body)),
            ),
        )
        for method, pattern, answer in routes:
            match = re.fullmatch(pattern, path)
            if match and self.command in method.split("|"):
                found = {key: unquote(value) if value else value for key, value in match.groupdict().items()}
                if "name" in found:
                    found["repo"] = self._repository(found.pop("name"))
                if answer == self._create:
                    self._create(json.loads(body))
                else:
                    answer(**found)
                return
        raise RefusedError(404, "", f"no route {self.command} {path}")

    def _logged_in(self) -> bool:
        return self.headers.get("Authorization") == f"Bearer {TOKEN}"

    def _writes(self) -> None:
        if not self._logged_in():
            raise RefusedError(401, "", "Invalid username or password.")

    def _repository(self, name: str) -> Repository:
        repo = self.server.repositories.get(name)
        if repo is None or (repo.private and not self._logged_in()):
            raise RefusedError(404, "RepoNotFound", "Repository not found")
        return repo

    def _whoami(self) -> None:
        self._writes()
        self._json(
            {"type": "user", "name": "user", "orgs": [], "auth": {"type": "access_token", "accessToken": {"role": "write"}}}
        )

    def _create(self, wanted: dict[str, Any]) -> None:
        self._writes()
        name = f"{wanted.get('organization') or 'user'}/{wanted['name']}"
        url = f"{self.server.endpoint}/datasets/{name}"
        if name in self.server.repositories:
            return self._send(409, json.dumps({"error": "You already created this dataset repo", "url": url}).encode())
        private = bool(wanted.get("private")) or wanted.get("visibility") == "private"
        self.server.repositories[name] = Repository(name, private)
        return self._json({"url": url, "name": name, "id": name})

    def _batch(self, wanted: dict[str, Any]) -> None:
        self._writes()
        objects = []
        for one in wanted["objects"]:
            made: dict[str, Any] = {"oid": one["oid"], "size": one["size"], "authenticated": True}
            if one["oid"] not in self.server.storage:
                made["actions"] = {"upload": {"href": f"{self.server.endpoint}/storage/{one['oid']}", "header": {}}}
            objects.append(made)
        self._json({"transfer": "basic", "objects": objects})

    def _store(self, sha256: str, body: bytes) -> None:
        if hashlib.sha256(body).hexdigest() != sha256:
            raise RefusedError(400, "", "the content has another sha256")
        self.server.storage[sha256] = body
        self._send(200)

    def _preupload(self, wanted: dict[str, Any]) -> None:
        self._writes()
        files = [
            {"path": one["path"], "uploadMode": "lfs" if one["path"].endswith(".parquet") else "regular", "shouldIgnore": False}
            for one in wanted["files"]
        ]
        self._json({"files": files})

    def _commit(self, repo: Repository, branch: str, body: bytes) -> None:
        self._writes()
        files = dict(repo.at(branch).files)
        for line in filter(None, body.splitlines()):
            step = json.loads(line)
            key, value = step["key"], step["value"]
            if key == "header" and value.get("parentCommit") not in (None, repo.at(branch).id):
                raise RefusedError(412, "", "A commit has happened since. Please refresh and try again.")
            if key == "file":
                files[value["path"]] = base64.b64decode(value["content"])
            elif key == "lfsFile":
                files[value["path"]] = Stored(value["oid"], len(self.server.storage[value["oid"]]))
            elif key == "deletedFile":
                del files[value["path"]]
        id = repo.commit(branch, files)
        url = f"{self.server.endpoint}/datasets/{repo.name}/commit/{id}"
        self._json({"success": True, "commitOid": id, "commitUrl": url, "hookOutput": ""})

    def _tag(self, repo: Repository, revision: str, wanted: dict[str, Any]) -> None:
        self._writes()
        if wanted["tag"] in repo.tags:
            raise RefusedError(409, "", f"Tag {wanted['tag']} exists already")
        repo.tags[wanted["tag"]] = repo.at(revision).id
        self._json({})

    def _refs(self, repo: Repository) -> None:
        def made(kind: str, of: dict[str, str]) -> list[dict[str, str]]:
            return [{"name": name, "ref": f"refs/{kind}/{name}", "targetCommit": id} for name, id in of.items()]

        self._json({"branches": made("heads", repo.branches), "converts": [], "tags": made("tags", repo.tags)})

    def _info(self, repo: Repository, revision: str | None) -> None:
        commit = repo.at(revision or "main")
        moment = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")
        known = {
            "id": repo.name,
            "author": "user",
            "sha": commit.id,
            "private": repo.private,
            "gated": False,
            "disabled": False,
        }
        known |= {"downloads": 0, "likes": 0, "tags": [], "lastModified": moment, "createdAt": moment}
        self._json(known | {"siblings": [{"rfilename": name} for name in sorted(commit.files)]})

    def _entry(self, name: str, file: bytes | Stored) -> dict[str, Any]:
        content = self.server.content(file)
        made = {"type": "file", "path": name, "size": len(content), "oid": _blob(content)}
        if isinstance(file, Stored):
            made |= {"oid": _blob(file.sha256.encode()), "lfs": {"oid": file.sha256, "size": file.size, "pointerSize": 134}}
        return made

    def _tree(self, repo: Repository, revision: str, below: str | None, query: dict[str, list[str]]) -> None:
        files, prefix = repo.at(revision).files, f"{below}/" if below else ""
        deep = query.get("recursive", ["false"])[0].lower() in ("true", "1")
        found: dict[str, dict[str, Any]] = {}
        for name, file in files.items():
            if not name.startswith(prefix):
                continue
            steps = name.removeprefix(prefix).split("/")
            for n in range(1, len(steps)):
                folder = prefix + "/".join(steps[:n])
                if deep or n == 1:
                    found[folder] = {"type": "directory", "path": folder, "size": 0, "oid": _blob(folder.encode())}
            if deep or len(steps) == 1:
                found[name] = self._entry(name, file)
        if below and not found:
            raise RefusedError(404, "EntryNotFound", "Entry not found")
        self._json([found[name] for name in sorted(found)])

    def _paths(self, repo: Repository, revision: str, body: bytes) -> None:
        files = repo.at(revision).files
        json_sent = "json" in self.headers.get("Content-Type", "")
        wanted = json.loads(body)["paths"] if json_sent else parse_qs(body.decode()).get("paths", [])
        folders = [p for p in wanted if p not in files and any(name.startswith(p.rstrip("/") + "/") for name in files)]
        found = [self._entry(path, files[path]) for path in wanted if path in files]
        self._json(found + [{"type": "directory", "path": path, "size": 0, "oid": _blob(path.encode())} for path in folders])

    def _resolve(self, repo: Repository, revision: str, file: str) -> None:
        commit = repo.at(revision)
        if file not in commit.files:
            raise RefusedError(404, "EntryNotFound", "Entry not found")
        stored = commit.files[file]
        content = self.server.content(stored)
        headers = {"X-Repo-Commit": commit.id, "Accept-Ranges": "bytes", "ETag": f'"{_blob(content)}"'}
        if isinstance(stored, Stored):
            headers |= {"ETag": f'"{stored.sha256}"', "X-Linked-Etag": f'"{stored.sha256}"', "X-Linked-Size": str(stored.size)}
        if file in self.server.damaged:
            content = content[:-9] + bytes([content[-9] ^ 1]) + content[-8:]
        part = re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range", ""))
        if part is None:
            return self._send(200, content, "application/octet-stream", **headers)
        first, last = int(part[1]), min(int(part[2] or len(content) - 1), len(content) - 1)
        headers["Content-Range"] = f"bytes {first}-{last}/{len(content)}"
        return self._send(206, content[first : last + 1], "application/octet-stream", **headers)


def _blob(content: bytes) -> str:
    """The id that git gives a file."""
    return hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()
