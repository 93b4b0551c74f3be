"""nginx as operators set it up, before the site: what it lets through and what it adds."""

import http.client
import queue
import re
import ssl
import subprocess
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from django.core.files.base import ContentFile
from django.test import Client

from media_processing import unfinished
from media_processing.services import begin_upload, original_link
from media_processing.storage import derivatives
from tests.factories import UserFactory
from tests.media_processing.conftest import upload
from tests.media_processing.makers import PHOTO_RULES
from tests.servers.nginx import AROUND, FOLDER, HOST, filled, nginx, own_certificate
from tests.storages import disk_only

CONTENT = bytes(range(256)) * 4
TOKEN = "t" * 32
TUS = {
    "Tus_Resumable": "1.0.0",
    "Upload_Offset": "0",
    "Content_Type": "application/offset+octet-stream",
    "X_CSRFToken": TOKEN,
}
NAME = "ab/" + "ab" * 32 + ".mp4"


class Visitor:
    """Asks nginx by https; the certificate is its own, so nobody vouches for it."""

    def __init__(self, port):
        self.port = port
        self.cookies = ""

    def sign_in(self, user):
        client = Client()
        client.force_login(user)
        self.cookies = f"sessionid={client.cookies['sessionid'].value}; csrftoken={TOKEN}"

    def line(self):
        trusting = ssl._create_unverified_context()
        return http.client.HTTPSConnection("127.0.0.1", self.port, context=trusting, timeout=30)

    def ask(self, path, method="GET", body=None, **headers):
        """Return status, headers and body of the answer."""
        line = self.line()
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        try:
            line.request(method, path, body, {"Host": HOST, "Cookie": self.cookies, **named})
            answer = line.getresponse()
            return answer.status, answer.headers, answer.read()
        finally:
            line.close()


class Desk(BaseHTTPRequestHandler):
    """Stands for the site: sends nginx for a file, or says what nginx told it."""

    pieces: queue.Queue

    def do_GET(self):
        self.send_response(200)
        if self.path.startswith("/send/"):
            self.send_header("X-Accel-Redirect", self.path.removeprefix("/send"))
            self.send_header("Content-Type", "image/x-odd")
            self.send_header("Content-Disposition", 'attachment; filename="a.odd"')
            self.send_header("Cache-Control", "private, no-store")
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        told = "\n".join(f"{name}: {value}" for name, value in self.headers.items()).encode()
        self.send_header("Content-Length", str(len(told)))
        self.end_headers()
        self.wfile.write(told)

    def do_POST(self):
        left = int(self.headers["Content-Length"])
        while left and (piece := self.rfile.read1(left)):
            self.pieces.put(piece)
            left -= len(piece)
        self.do_GET()

    def log_message(self, *args):
        pass


@pytest.fixture
def desk(tmp_path):
    """A visitor of nginx with a desk behind it and three folders of files."""
    for folder in ("originals", "derivatives", "site-media", "static"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "a b.odd").write_bytes(CONTENT)
    (tmp_path / "originals" / "a b.odd").chmod(0o600)
    (tmp_path / "static" / "site.0123456789ab.css").write_text("a{}")
    Desk.pieces = queue.Queue()
    server = ThreadingHTTPServer(("127.0.0.1", 0), Desk)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        with nginx(tmp_path, web=f"127.0.0.1:{server.server_port}", data=tmp_path) as port:
            yield Visitor(port)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def site(transactional_db, live_server, settings, tmp_path):
    """A visitor of nginx with the site itself behind it."""
    settings.ALLOWED_HOSTS = [HOST]
    settings.FILES_BY = "nginx"
    web = live_server.url.removeprefix("http://")
    with nginx(tmp_path, web=web, data=settings.TEST_DIR) as port:
        yield Visitor(port)


@pytest.mark.parametrize("folder", ["originals", "derivatives", "site-media"])
def test_a_file_leaves_from_nginx_when_the_site_says_so(desk, folder):
    status, headers, body = desk.ask(f"/send/x-{folder}/a%20b.odd")
    assert (status, body) == (200, CONTENT)
    assert headers["Content-Type"] == "image/x-odd"
    assert headers["Content-Disposition"] == 'attachment; filename="a.odd"'
    assert headers["Cache-Control"] == "private, no-store"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Content-Security-Policy"] == "default-src 'none'; sandbox"


def test_a_part_of_it_too(desk):
    status, headers, body = desk.ask("/send/x-originals/a%20b.odd", Range="bytes=1000-")
    assert (status, body) == (206, CONTENT[1000:])
    assert headers["Content-Range"] == "bytes 1000-1023/1024"


@pytest.mark.parametrize("folder", ["originals", "derivatives", "site-media"])
def test_nobody_gets_it_by_asking_nginx(desk, folder):
    assert desk.ask(f"/x-{folder}/a%20b.odd")[0] == 404


def test_metrics_are_for_this_machine(desk):
    assert desk.ask("/metrics")[0] == 200
    text = filled("photo.conf.template")
    inside = re.search(r"location = /metrics \{(.*?)\}", text, re.DOTALL).group(1)
    assert re.findall(r"(allow|deny) (.*);", inside) == [
        ("allow", "127.0.0.1"),
        ("allow", "::1"),
        ("deny", "all"),
    ]


def test_the_site_is_told_who_asks_and_by_https(desk):
    told = desk.ask("/", X_Forwarded_For="203.0.113.9")[2].decode()
    assert "X-Forwarded-For: 203.0.113.9, 127.0.0.1" in told  # counted from the right: nginx's own
    assert "X-Forwarded-Proto: https" in told
    assert f"Host: {HOST}" in told
    assert re.search(r"^X-Request-ID: [0-9a-f]{32}$", told, re.MULTILINE)


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("site.0123456789ab.css", "public, max-age=31536000, immutable"),
        ("a%20b.odd", "public, max-age=60"),
    ],
)
def test_a_static_file_is_kept_for_ever_if_its_name_tells_its_content(desk, name, kept):
    status, headers, _body = desk.ask(f"/static/{name}")
    assert (status, headers["Cache-Control"]) == (200, kept)


def test_who_hammers_at_the_sign_in_is_told_to_wait(desk):
    found = [desk.ask("/en/accounts/login/", "POST", b"x")[0] for _ in range(80)]
    assert set(found) == {200, 429}
    assert found[:40] == [200] * 40
    assert desk.ask("/en/accounts/login/")[0] == 200  # reading is not counted


def test_a_derivative_comes_in_parts(site):
    name = derivatives().save(NAME, ContentFile(CONTENT))
    status, headers, body = site.ask(f"/derivatives/{name}", Range="bytes=0-1")
    assert (status, body) == (206, CONTENT[:2])
    assert headers["Content-Range"] == "bytes 0-1/1024"
    assert headers["Content-Type"] == "video/mp4"
    assert headers["Cache-Control"] == "public, max-age=31536000, immutable"


@disk_only
def test_an_original_reaches_its_owner_and_nobody_else(site):
    owner = UserFactory()
    link = original_link(upload(CONTENT, user=owner), owner)
    assert site.ask(link)[0] == 404
    site.sign_in(UserFactory())
    assert site.ask(link)[0] == 404
    site.sign_in(owner)
    status, headers, body = site.ask(link)
    assert (status, body) == (200, CONTENT)
    assert headers["Content-Disposition"].startswith("attachment;")


def test_an_upload_passes(site):
    owner = UserFactory()
    asset = begin_upload(
        rules=PHOTO_RULES, name="a.jpg", byte_size=2048, user=owner, on_behalf_of="organisation-1"
    )
    site.sign_in(owner)
    status, headers, _body = site.ask(f"/uploads/{asset.pk}", "PATCH", CONTENT, **TUS)
    assert (status, headers["Upload-Offset"]) == (204, "1024")
    assert unfinished.path_of(asset.pk).read_bytes() == CONTENT


def test_what_has_come_of_an_upload_does_not_wait_for_the_rest(desk):
    line = desk.line()
    line.putrequest("POST", "/uploads/1", skip_host=True)
    line.putheader("Host", HOST)
    line.putheader("Content-Length", "2048")
    line.endheaders(CONTENT)
    assert Desk.pieces.get(timeout=30) == CONTENT
    line.send(CONTENT)
    assert line.getresponse().status == 200
    line.close()


def test_the_storage_s_door_is_sound_too(tmp_path):
    """Filled in as compose.yaml does, nginx finds no fault in it."""
    own_certificate(tmp_path)
    text = filled(
        "files.conf.template",
        FILES_HOST="files.example.org",
        FILES_CERTIFICATES=str(tmp_path),
        S3="127.0.0.1:7070",
    )
    conf = tmp_path / "nginx.conf"
    conf.write_text(AROUND.format(user="root", folder=tmp_path, rest=text))
    found = subprocess.run(
        ["nginx", "-t", "-q", "-p", str(tmp_path), "-c", str(conf), "-e", "stderr"],
        capture_output=True,
        text=True,
        check=False,
        env={"PATH": "/usr/sbin:/usr/bin:/bin"},
    )
    assert (found.returncode, found.stderr) == (0, "")
    assert sorted(path.name for path in FOLDER.iterdir()) == [
        "files.conf.template",
        "photo.conf.template",
    ]
