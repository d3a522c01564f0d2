"""The Hub as huggingface_hub reaches it: a revision of a dataset, and everything that goes wrong as one line."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from vnnews_bench.errors import BenchError, listing


@contextmanager
def told(repository: str) -> Iterator[None]:
    """What the Hub or the network refuses, as one line."""
    from huggingface_hub.errors import HfHubHTTPError, HFValidationError, LocalTokenNotFoundError, OfflineModeIsEnabled

    # the base of its errors is that of the HTTP client it is built on
    lost: tuple[type[BaseException], ...] = (OSError, *HfHubHTTPError.__bases__)
    try:
        yield
    except (LocalTokenNotFoundError, OfflineModeIsEnabled, HFValidationError) as error:
        raise BenchError(f"{repository}: {str(error).splitlines()[0]}") from None
    except HfHubHTTPError as error:
        status = error.response.status_code if error.response is not None else None
        if status in (401, 403):
            message = "the Hub does not let you do this; log in with `hf auth login` and a token that may"
        else:
            message = f"the Hub refuses: {str(error).splitlines()[0]}"
        raise BenchError(f"{repository}: {message}") from None
    except lost as error:
        message = f"the connection was lost ({error}); the same command again goes on where it stopped"
        raise BenchError(f"{repository}: {message}") from None


def snapshot(repository: str, revision: str) -> Path:
    """The folder in the cache of huggingface_hub that holds a revision of a dataset, downloaded when it is not there yet.

    Raises `BenchError` for a repository or revision that does not exist, or that is not in the cache when there is no network.
    """
    from huggingface_hub import HfApi, snapshot_download
    from huggingface_hub.errors import LocalEntryNotFoundError, RepositoryNotFoundError, RevisionNotFoundError

    with told(repository):
        try:
            return Path(snapshot_download(repository, repo_type="dataset", revision=revision))
        except RevisionNotFoundError:
            tags = [tag.name for tag in HfApi().list_repo_refs(repository, repo_type="dataset").tags]
            raise BenchError(f"{repository}: has no revision {revision!r}; its tags are {listing(tags) or 'none'}") from None
        except RepositoryNotFoundError:
            message = "there is no such dataset on the Hub, or it is private and you are not logged in"
            raise BenchError(f"{repository}: {message}") from None
        except LocalEntryNotFoundError:
            message = f"revision {revision!r} is not in the cache, and the Hub is out of reach or HF_HUB_OFFLINE is set"
            raise BenchError(f"{repository}: {message}") from None
