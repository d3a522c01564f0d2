"""The engine on a cluster: two nodes with a process each, started here, make what one machine makes."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from test_archive import HERE, SYSTEM, lines, texts, tree

pytest.importorskip("ray", reason="ray is not installed: make ray")
BIN = Path(sys.executable).parent


@pytest.fixture(scope="module")
def cluster():
    """The address of a cluster of two nodes on this machine, one processor each."""
    import ray.cluster_utils

    small = {"num_cpus": 1, "object_store_memory": 100 << 20}
    cluster = ray.cluster_utils.Cluster(initialize_head=True, head_node_args=small | {"include_dashboard": False})
    cluster.add_node(**small)
    cluster.wait_for_nodes()
    yield cluster.address
    cluster.shutdown()


@pytest.fixture
def command(cluster, tmp_path, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(HERE))
    monkeypatch.setenv("RAY_ADDRESS", cluster)
    (tmp_path / "loads").mkdir()
    monkeypatch.setenv("LOADS", str(tmp_path / "loads"))
    path = lines(tmp_path / "a.jsonl", [*texts(2600, {700: "HIỂM raise", 1400: "HIỂM exit"}), {"id": "d1"}, {"text": 5}])
    return [str(BIN / "vnnews-bench"), "tag", str(path), "--system", SYSTEM, "--workers", "2", "-o"]


def test_a_cluster_of_two_nodes_writes_what_one_machine_writes(command, tmp_path):
    local, ray = tmp_path / "local", tmp_path / "ray"
    done = [
        subprocess.run([*command, str(out), "--engine", engine], check=True, capture_output=True, text=True)
        for out, engine in ((local, "local"), (ray, "ray"))
    ]
    assert done[0].stdout.split(", ")[:3] == done[1].stdout.replace(str(ray), str(local)).split(", ")[:3]
    assert tree(ray) == tree(local)
    assert len(list(ray.glob("part-*.parquet"))) == 6
    assert len(list(ray.glob("_set-aside/*"))) == 3


def test_a_killed_run_goes_on_on_the_cluster_also_where_one_machine_ended(command, tmp_path):
    local, ray = tmp_path / "local", tmp_path / "ray"
    subprocess.run([*command, str(local)], check=True, capture_output=True)
    process = subprocess.Popen([*command, str(ray)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while not list(ray.glob("part-*.parquet")):
        assert process.poll() is None
        time.sleep(0.001)
    process.send_signal(signal.SIGKILL)
    process.wait()
    stands = {path.name: path.stat().st_mtime_ns for path in ray.glob("part-*.parquet")}
    assert len(stands) < 6
    subprocess.run([*command, str(ray), "--engine", "ray"], check=True, capture_output=True)
    assert tree(ray) == tree(local)
    assert all((ray / name).stat().st_mtime_ns == at for name, at in stands.items())


def test_what_is_wrong_is_told_in_one_line(command, tmp_path):
    bad = tmp_path / "bad.jsonl.gz"
    bad.write_bytes(b"no gzip")
    command[2] = str(bad)
    done = subprocess.run([*command, str(tmp_path / "out"), "--engine", "ray"], capture_output=True, text=True)
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].startswith(f"Error: {bad}: cannot be read: ")
    assert "Traceback" not in done.stderr
    assert not os.path.exists(tmp_path / "out")
