"""A real nginx on a loopback port, set up by the very template that operators fill in."""

import getpass
import re
import shutil
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from string import Template

from tests.servers.ports import START_SECONDS, free_port

FOLDER = Path(__file__).resolve().parent.parent.parent / "deploy" / "nginx"
PATH = "/usr/sbin:/usr/bin:/bin"
HOST = "photo.example.org"
AROUND = """
daemon off; worker_processes 1; user {user}; pid {folder}/pid; error_log {folder}/errors warn;
events {{}}
http {{
    include /etc/nginx/mime.types;
    client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
    access_log off;
    {rest}
}}
"""


def filled(name: str, **values: str) -> str:
    """Return a template of deploy/nginx as envsubst leaves it: our names filled, theirs kept."""
    return Template((FOLDER / name).read_text()).safe_substitute(values)


def own_certificate(folder: Path) -> None:
    """Make a certificate that signs itself, under the names that the template asks for."""
    made = ["-keyout", f"{folder}/privkey.pem", "-out", f"{folder}/fullchain.pem"]
    kind = ["-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    subprocess.run(
        ["openssl", "req", *kind, *made, "-days", "2", "-subj", f"/CN={HOST}"],
        check=True,
        capture_output=True,
    )


@contextmanager
def nginx(folder: Path, *, web: str, data: Path) -> Iterator[int]:
    """Run nginx before the site at `web` (host:port); yield its https port."""
    own_certificate(folder)
    values = {"SITE_HOST": HOST, "WEB": web, "DATA_DIR": str(data), "CERTIFICATES": str(folder)}
    plain, secure = free_port(), free_port()
    text = filled("photo.conf.template", **values)
    text = re.sub(r"\n *listen \[::\].*", "", text)
    text = text.replace("listen 80;", f"listen 127.0.0.1:{plain};")
    text = text.replace("listen 443 ", f"listen 127.0.0.1:{secure} ")
    conf = folder / "nginx.conf"
    conf.write_text(AROUND.format(user=getpass.getuser(), folder=folder, rest=text))
    program = shutil.which("nginx", path=PATH) or "nginx"
    server = subprocess.Popen([program, "-p", str(folder), "-c", str(conf), "-e", "stderr"])
    try:
        _wait(plain, server)
        yield secure
    finally:
        server.terminate()
        server.wait()


def _wait(port: int, server: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + START_SECONDS
    request = urllib.request.Request(f"http://127.0.0.1:{port}/", method="HEAD")
    opener = urllib.request.build_opener(_NoRedirect)
    while True:
        try:
            opener.open(request, timeout=5)
        except urllib.error.HTTPError:
            return
        except OSError:
            if server.poll() is not None or time.monotonic() > end:
                raise
            time.sleep(0.05)


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *args: object) -> None:
        return None
