"""Editors' pictures are shown; what they uploaded is not handed out."""

import gc
from io import BytesIO

import pytest
from django.core.files.images import ImageFile
from PIL import Image as Picture
from wagtail.images.models import Image
from wagtail.models import Collection

pytestmark = pytest.mark.django_db


def make_image():
    Collection.get_first_root_node() or Collection.add_root(name="Root")
    data = BytesIO()
    Picture.new("RGB", (60, 40), "teal").save(data, "JPEG")
    data.seek(0)
    return Image.objects.create(title="会场", file=ImageFile(data, name="hall.jpg"))


# Wagtail leaves its temporary file to the garbage collector.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_rendition_is_served_with_a_fixed_type_and_for_ever(client):
    rendition = make_image().get_rendition("width-30|format-webp")
    answer = client.get(rendition.url)
    assert answer.status_code == 200
    assert answer["Content-Type"] == "image/webp"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "immutable" in answer["Cache-Control"]
    assert Picture.open(BytesIO(b"".join(answer.streaming_content))).size == (30, 20)
    del rendition, answer
    gc.collect()  # here, where it is forgiven, and not in the next test


@pytest.mark.parametrize("name", ["none.webp", "x.svg", "x.html", "..%2Fsecret.jpg"])
def test_anything_else_is_not_there(client, name):
    assert client.get(f"/media/images/{name}").status_code == 404


def test_the_uploaded_picture_itself_is_not_served(client):
    image = make_image()
    assert client.get(f"/media/{image.file.name}", follow=True).status_code == 404
