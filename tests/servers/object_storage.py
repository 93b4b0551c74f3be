"""A real S3 server: one node of Ceph with its RADOS Gateway, which keeps everything in memory.

Signatures, expiries and conditional writes are really checked, as a stand-in would not do.
"""

import os
import shutil
import subprocess
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.request import urlopen

import boto3

from tests.servers.ports import START_SECONDS, free_port

ACCESS_KEY, SECRET_KEY = "only-for-tests", "only-for-tests-" + "x" * 25
ORIGINALS, DERIVATIVES = "originals", "derivatives"
MEMORY_BYTES = 4 * 1024**3
STOP_SECONDS = 20

SETTINGS = """
[global]
fsid={fsid}
mon host=v2:127.0.0.1:{mon_port}
keyring={folder}/keyring
auth cluster required=cephx
auth service required=cephx
auth client required=cephx
osd pool default size=1
osd pool default min size=1
osd pool default pg num=1
osd crush chooseleaf type=0
mon allow pool size one=true
mon warn on pool no redundancy=false
mon max pg per osd=1000
osd pg bits=1
run dir={folder}/run
pid file={folder}/run/$name.pid
admin socket={folder}/run/$name.asok
log file={folder}/run/$name.log
ms bind ipv4=true
ms bind msgr1=false
public addr=127.0.0.1
cluster addr=127.0.0.1
osd objectstore=memstore
memstore device bytes={memory}
osd memory target=900000000
[mon.a]
mon data={folder}/mon
[osd.0]
osd data={folder}/osd
[client.rgw.a]
rgw frontends=beast endpoint=127.0.0.1:{port}
rgw thread pool size=16
rgw data={folder}/rgw
"""


class Buckets:
    """Two buckets in a server that runs, and the key that may do everything there."""

    def __init__(self, url: str, suffix: str = "") -> None:
        self.url = url
        self.originals, self.derivatives = ORIGINALS + suffix, DERIVATIVES + suffix

    @property
    def environment(self) -> dict[str, str]:
        """Return the variables by which the site finds them."""
        return {
            "S3_ENDPOINT_URL": self.url,
            "S3_ACCESS_KEY": ACCESS_KEY,
            "S3_SECRET_KEY": SECRET_KEY,
            "S3_ORIGINALS_BUCKET": self.originals,
            "S3_DERIVATIVES_BUCKET": self.derivatives,
        }

    def client(self) -> Any:
        """Return a client of boto3 that may do everything."""
        keys = {"aws_access_key_id": ACCESS_KEY, "aws_secret_access_key": SECRET_KEY}
        return boto3.client("s3", endpoint_url=self.url, region_name="us-east-1", **keys)

    def unfinished(self) -> dict[str, str]:
        """Return ids and keys of the uploads of originals that have begun and not ended."""
        found = self.client().list_multipart_uploads(Bucket=self.originals).get("Uploads", [])
        return {one["UploadId"]: one["Key"] for one in found}

    def forget_unfinished(self) -> None:
        """Give these uploads up."""
        for upload, key in self.unfinished().items():
            self.client().abort_multipart_upload(Bucket=self.originals, Key=key, UploadId=upload)

    def make(self) -> None:
        """Make both, empty."""
        for name in (self.originals, self.derivatives):
            self.client().create_bucket(Bucket=name)


class ObjectStorage(Buckets):
    """A server with two buckets. Its gateway can be stopped and started again over its data."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="portal-s3-"))
        self.port = free_port()
        super().__init__(f"http://127.0.0.1:{self.port}")
        for name in ["mon", "osd", "rgw", "run"]:
            (self.folder / name).mkdir()
        values = {"fsid": uuid.uuid4(), "folder": self.folder, "port": self.port}
        values |= {"mon_port": free_port(), "memory": MEMORY_BYTES}
        self.settings = self.folder / "ceph.conf"
        self.settings.write_text(SETTINGS.format(**values))
        self.fsid = str(values["fsid"])
        self.mon_port = values["mon_port"]

    def start(self) -> None:
        """Start all of it, with an owner and two empty buckets."""
        self._make_keys()
        ring = ["--monmap", self.folder / "map", "--keyring", self.folder / "keyring"]
        self._run("monmaptool", "--create", "--fsid", self.fsid, "--addv", "a",
                  f"[v2:127.0.0.1:{self.mon_port}]", self.folder / "map")  # fmt: skip
        self._run("ceph-mon", "-i", "a", "--mkfs", *ring)
        self._run("ceph-mon", "-i", "a")
        osd = str(uuid.uuid4())
        self._run("ceph", "osd", "new", osd)
        self._grant("osd.0", mon="allow profile osd", osd="allow *")
        self._grant("client.rgw.a", mon="allow rwx", osd="allow rwx")
        self._run("ceph-osd", "-i", "0", "--mkfs", "--osd-uuid", osd)
        self._run("ceph-osd", "-i", "0")
        self._run("ceph", "osd", "crush", "add", "osd.0", "1.0", "root=default", "host=h")
        self.start_gateway()
        keys = ["--access-key", ACCESS_KEY, "--secret", SECRET_KEY]
        self._run("radosgw-admin", "user", "create", "--uid=tests", "--display-name=t", *keys)
        self.make()

    def start_gateway(self) -> None:
        """Start what speaks S3, and wait until it answers."""
        self._run("radosgw", "-n", "client.rgw.a")
        deadline = time.monotonic() + START_SECONDS
        while not self._answers():
            if time.monotonic() > deadline:
                raise RuntimeError(f"The S3 server did not start; see {self.folder}/run.")
            time.sleep(0.1)

    def stop_gateway(self) -> None:
        """Stop what speaks S3; what it keeps stays."""
        self._end("client.rgw.a")

    def stop(self) -> None:
        """End every process that was begun."""
        for name in ("client.rgw.a", "osd.0", "mon.a"):
            self._end(name)

    def _end(self, name: str) -> None:
        path = self.folder / "run" / f"{name}.pid"
        if not path.exists():
            return
        pid = int(path.read_text())
        with suppress(ProcessLookupError):
            os.kill(pid, 9)  # nothing of it is on disk
        deadline = time.monotonic() + STOP_SECONDS
        while Path(f"/proc/{pid}/root").exists() and time.monotonic() < deadline:
            time.sleep(0.05)
        path.unlink(missing_ok=True)

    def _answers(self) -> bool:
        try:
            urlopen(self.url, timeout=2).close()
        except HTTPError:
            return True
        except (URLError, OSError):
            return False
        return True

    def _make_keys(self) -> None:
        keyring = self.folder / "keyring"
        for name in ("mon.", "client.admin"):
            new = [] if keyring.exists() else ["--create-keyring"]
            osd = ["--cap", "osd", "allow *"] if name == "client.admin" else []
            rights = ["--cap", "mon", "allow *", *osd]
            self._run("ceph-authtool", *new, keyring, "--gen-key", "-n", name, *rights)

    def _grant(self, name: str, **rights: str) -> None:
        words = [word for pair in rights.items() for word in pair]
        key = self._run("ceph", "auth", "get-or-create", name, *words)
        with (self.folder / "keyring").open("a") as keyring:
            keyring.write(key)

    def _run(self, program: str, *arguments: object) -> str:
        command = [program, *map(str, arguments)]
        environment = os.environ | {"CEPH_CONF": str(self.settings)}
        done = subprocess.run(
            command, env=environment, text=True, capture_output=True, check=False, timeout=120
        )
        if done.returncode:
            raise RuntimeError(f"{program} failed: {done.stderr}")
        return done.stdout


@contextmanager
def object_storage() -> Iterator[ObjectStorage]:
    """Start a server; yield it; stop and delete it."""
    server = ObjectStorage()
    try:
        server.start()
        yield server
    finally:
        server.stop()
        shutil.rmtree(server.folder)
