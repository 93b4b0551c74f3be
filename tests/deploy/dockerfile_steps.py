"""Runs each step of deploy/Dockerfile in a clean Debian root, then the site that came of it.

    make dockerfile        # as root; needs debootstrap and some 3 GB below /tmp; 10 minutes

There need be no Docker: the root is a debootstrap folder, RUN is chroot. Mounts live in a name
space of their own, so they end with this process.
"""

import argparse
import os
import secrets
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path

from tests.deploy.dockerfile import Step, context, read
from tests.servers.ports import free_port

PROJECT = Path(__file__).resolve().parent.parent.parent
SUITE = "bookworm"
SEARCH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
HOST = "photo.example.org"
ANSWER_SECONDS = 60
OPEN = 0o755


@dataclass
class Image:
    """What the steps so far have made: a root folder and what the next step runs with."""

    root: Path
    env: dict[str, str] = field(default_factory=lambda: {"PATH": SEARCH, "HOME": "/root"})
    folder: str = "/"
    user: str = "root"
    command: list[str] = field(default_factory=list)

    def inside(self, path: str) -> Path:
        """Return where a path of the image lies on this machine."""
        return self.root / Path(self.folder, path).relative_to("/")

    def start(self, words: list[str], **more: str) -> subprocess.Popen[bytes]:
        """Start a command in the root, as Docker would: this user, folder and environment."""
        go = 'cd "$1" && shift && exec "$@"'
        place = ["chroot", f"--userspec={self.user}", str(self.root)]
        command = [*place, "/bin/sh", "-c", go, "sh", self.folder, *words]
        return subprocess.Popen(command, env={**self.env, **more})

    def run(self, words: list[str], **more: str) -> None:
        """Run a command to its end. Raises SystemExit when it fails."""
        if code := self.start(words, **more).wait():
            raise SystemExit(f"ended with {code}: {' '.join(words)}")


def apply(image: Image, step: Step, network: dict[str, str]) -> None:
    """Do one step. Raises SystemExit when it fails."""
    match step.verb:
        case "ENV":
            image.env |= dict(word.split("=", 1) for word in step.words)
        case "WORKDIR":
            image.folder = step.text
            image.inside(".").mkdir(parents=True, exist_ok=True)
        case "COPY":
            copy(image, *step.words)
        case "RUN":
            image.run(["/bin/sh", "-c", step.text], **network)
        case "USER":
            image.user = step.text
        case "CMD":
            image.command = step.words


def copy(image: Image, *words: str) -> None:
    """Copy what .dockerignore lets through, as root's, into a folder of the image."""
    *sources, target = words
    known = list(context(PROJECT))
    for source in sources:
        taken = [path for path in known if source == "." or path == Path(source)]
        if not taken:
            raise SystemExit(f"COPY {source}: not there, or ignored")
        for path in taken:
            place = image.inside(target) / (path if source == "." else path.name)
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(PROJECT / path, place)


def clean_root(folder: Path, ready: Path | None) -> None:
    """Fill the folder with a minimal Debian, or with a copy of one made before."""
    if ready:
        subprocess.run(["cp", "-a", f"{ready}/.", str(folder)], check=True)
    else:
        subprocess.run(["debootstrap", "--variant=minbase", SUITE, str(folder)], check=True)
    folder.chmod(OPEN)
    shutil.copy("/etc/resolv.conf", folder / "etc/resolv.conf")
    subprocess.run(["mount", "-t", "proc", "proc", str(folder / "proc")], check=True)


def certificates(image: Image, bundle: Path | None) -> dict[str, str]:
    """Bring the authorities that this network needs; return the variables that name them."""
    if not bundle:
        return {}
    shutil.copy(bundle, image.root / "tmp/authorities.pem")
    names = ["PIP_CERT", "SSL_CERT_FILE", "NODE_EXTRA_CA_CERTS"]
    return dict.fromkeys(names, "/tmp/authorities.pem")


def answers(image: Image, path: str) -> bool:
    """Prepare the site, serve it by the image's command, and tell whether it answers 200."""
    variables = {
        "SECRET_KEY": secrets.token_urlsafe(48),
        "BASE_URL": f"https://{HOST}",
        "ALLOWED_HOSTS": HOST,
        "TRUSTED_PROXIES": "1",
        "EMAIL_URL": "smtp://mail.example.org:25",
        "DEFAULT_FROM_EMAIL": f"photo@{HOST}",
    }
    image.run(["deploy/prepare.sh"], **variables)
    image.run([".venv/bin/python", "manage.py", "worker", "--until-idle"], **variables)
    port = str(free_port())
    web = image.start([*image.command, "--port", port], **variables)
    try:
        return _is_there(f"http://127.0.0.1:{port}{path}", web)
    finally:
        web.terminate()
        web.wait()


def _is_there(address: str, web: subprocess.Popen[bytes]) -> bool:
    request = urllib.request.Request(address, headers={"Host": HOST, "X-Forwarded-Proto": "https"})
    end = time.monotonic() + ANSWER_SECONDS
    while web.poll() is None and time.monotonic() < end:
        try:
            with urllib.request.urlopen(request, timeout=5) as answer:
                print(f"{address}: {answer.status}", flush=True)
                return True
        except urllib.error.HTTPError as error:
            print(f"{address}: {error.code}", flush=True)
            return False
        except OSError:
            time.sleep(0.5)
    return False


def main() -> None:
    """Read the arguments, do the steps, say what came of it."""
    parser = argparse.ArgumentParser(description="Run the Dockerfile's steps without Docker.")
    parser.add_argument("--root", type=Path, help="a debootstrap folder to copy, instead of a new")
    parser.add_argument("--ca", type=Path, help="certificates that this network's proxy needs")
    parser.add_argument("--probe", default="/healthz", help="what the site must answer at last")
    arguments = parser.parse_args()
    if os.environ.get("OWN_MOUNTS") != "1":
        again = [
            "unshare",
            "--mount",
            "--propagation",
            "private",
            sys.executable,
            "-m",
            __spec__.name,
        ]
        os.execvpe("unshare", [*again, *sys.argv[1:]], {**os.environ, "OWN_MOUNTS": "1"})
    with tempfile.TemporaryDirectory(prefix="dockerfile-", ignore_cleanup_errors=True) as folder:
        image = Image(Path(folder, "root"))
        image.root.mkdir()
        clean_root(image.root, arguments.root)
        try:
            network = certificates(image, arguments.ca)
            steps = read((PROJECT / "deploy/Dockerfile").read_text())
            for number, step in enumerate(steps, 1):
                began = time.monotonic()
                print(f"[{number}/{len(steps)}] {step.verb} {step.text[:90]}", flush=True)
                apply(image, step, network)
                print(f"        {time.monotonic() - began:.1f} s", flush=True)
            if not answers(image, arguments.probe):
                raise SystemExit("The site does not answer.")
        finally:
            subprocess.run(["umount", str(image.root / "proc")], check=False)
    print("Every step of deploy/Dockerfile ran, and the site answered.")


if __name__ == "__main__":
    main()
