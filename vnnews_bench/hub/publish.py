"""Publishing: the built folder as one commit of a dataset repository on the Hub, and a tag that never moves."""

import hashlib
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from vnnews_bench import corpus
from vnnews_bench.errors import BenchError
from vnnews_bench.hub import build, check
from vnnews_bench.hub.content import Policy
from vnnews_bench.hub.remote import told

if TYPE_CHECKING:
    from huggingface_hub.hf_api import HfApi, RepoFile

OWN = (".gitattributes",)  # the Hub's, not ours to change


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """What publishing would change: files by what becomes of them, and whether repository, commit and tag are still to be made.

    `head` is the commit that the files were compared with.
    """

    repository: str
    tag: str
    create: bool
    head: str | None
    tagged: str | None
    added: tuple[str, ...]
    changed: tuple[str, ...]
    removed: tuple[str, ...]
    same: tuple[str, ...]

    @property
    def uploads(self) -> bool:
        """Whether any file differs."""
        return bool(self.added or self.changed or self.removed)

    def lines(self) -> Iterator[str]:
        """The plan for a reader."""
        yield f"{self.repository}: {'to be created' if self.create else f'now at {self.head}'}"
        for word in ("added", "changed", "removed"):
            yield from (f"{word:8} {name}" for name in getattr(self, word))
        yield f"{len(self.same)} files stay as they are"
        yield f"tag {self.tag}: {'is there' if self.tagged else 'to be set'}"


@contextmanager
def built(repository: str, text: Policy = "included") -> Iterator[Path]:
    """A folder for one publication: built, checked, and loaded back by `datasets`; gone afterwards.

    Raises `BenchError` for a repository whose name the Hub cannot have, before anything is built.
    """
    from huggingface_hub.utils import validate_repo_id  # type: ignore[attr-defined]

    with told(repository):
        validate_repo_id(repository)
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "dataset"
        build.build(folder, text, repository)
        check.demand(folder)
        yield folder


def plan(folder: Path, repository: str, tag: str | None = None) -> Plan:
    """What publishing a folder would change at the repository's head; `tag` is by default the data's version after a v.

    Raises `BenchError` for a tag that stands at another content, and for a Hub that refuses or is out of reach.
    """
    from huggingface_hub import HfApi

    with told(repository):
        made = _compared(HfApi(), repository, tag or f"v{corpus.load().version}", folder)
    if made.tagged and (made.uploads or made.tagged != made.head):
        where = f"{repository}: the tag {made.tag} stands at {made.tagged[:12]}, and this would be another content"
        raise BenchError(f"{where}; a tag never moves, so raise annotations/VERSION or name another --revision-tag")
    return made


def carry_out(plan: Plan, folder: Path, private: bool = False) -> str:
    """Uploads what the plan says in one commit, sets the tag, and returns the commit's id.

    What reached the Hub before a connection was lost stays there, so a new plan carried out goes on. The token is that of
    huggingface_hub's own login. Raises `BenchError` when the Hub refuses or is out of reach.
    """
    from huggingface_hub import HfApi

    api, head = HfApi(), plan.head
    with told(plan.repository):
        if plan.create:
            api.create_repo(plan.repository, repo_type="dataset", private=private, exist_ok=True)
        if plan.uploads:
            head = api.upload_folder(
                repo_id=plan.repository,
                repo_type="dataset",
                folder_path=folder,
                commit_message=f"Data {corpus.load().version}",
                delete_patterns=list(plan.removed) or None,
                parent_commit=plan.head,  # what was shown is what is changed
            ).oid
        if not plan.tagged:
            api.create_tag(plan.repository, tag=plan.tag, revision=head, repo_type="dataset")
    return str(head)


def _compared(api: "HfApi", repository: str, tag: str, folder: Path) -> Plan:
    """The difference between a folder and the head of a repository, file by file."""
    from huggingface_hub.errors import RepositoryNotFoundError
    from huggingface_hub.hf_api import RepoFile

    here = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()}
    try:
        refs = api.list_repo_refs(repository, repo_type="dataset")
    except RepositoryNotFoundError:
        none: dict[str, tuple[str, ...]] = {"changed": (), "removed": (), "same": ()}
        return Plan(repository=repository, tag=tag, create=True, head=None, tagged=None, added=tuple(sorted(here)), **none)
    head = next((branch.target_commit for branch in refs.branches if branch.name == "main"), None)
    tree = api.list_repo_tree(repository, recursive=True, revision=head, repo_type="dataset")
    there = {file.path: file for file in tree if isinstance(file, RepoFile) and file.path not in OWN}
    equal = {name for name in here.keys() & there.keys() if _is(there[name], here[name].read_bytes())}
    return Plan(
        repository=repository,
        tag=tag,
        create=False,
        head=head,
        tagged=next((ref.target_commit for ref in refs.tags if ref.name == tag), None),
        added=tuple(sorted(here.keys() - there.keys())),
        changed=tuple(sorted(here.keys() & there.keys() - equal)),
        removed=tuple(sorted(there.keys() - here.keys())),
        same=tuple(sorted(equal)),
    )


def _is(there: "RepoFile", content: bytes) -> bool:
    """Whether a file of the Hub has this content: by sha256 in large-file storage, else by git's blob hash."""
    if there.lfs is not None:
        return bool(there.lfs.sha256 == hashlib.sha256(content).hexdigest())
    return bool(there.blob_id == hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest())
