"""What a camera writes about a picture does not go along; the picture does, bit by bit."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.referrals.images import (
    SCANS,
    SECRETS,
    TABLES,
    exif,
    jpeg,
    jpeg_that_tells,
    png,
    png_that_tells,
    segment,
)
from vereda.attaching.images import (
    BrokenImageError,
    jpeg_without_metadata,
    png_without_metadata,
)


def test_a_jpeg_keeps_its_picture_its_colours_and_which_way_up_it_is_and_nothing_else() -> None:
    clean = jpeg_without_metadata(jpeg_that_tells(orientation=6))

    assert clean == jpeg(
        segment(0xE1, exif(6)),
        segment(0xE0, b"JFIF\0\1\2\0\0\1\0\1\0\0"),
        segment(0xE2, b"ICC_PROFILE\0\1\1colours"),
    )
    assert not [secret for secret in SECRETS if secret in clean]


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_which_way_up_it_is_is_read_in_either_order_of_bytes(order: str, orientation: int) -> None:
    clean = jpeg_without_metadata(jpeg(segment(0xE1, exif(orientation, order))))

    assert clean == (jpeg() if orientation == 1 else jpeg(segment(0xE1, exif(orientation))))


@pytest.mark.parametrize("orientation", [0, 9, 65535])
def test_what_is_no_way_up_is_left_out(orientation: int) -> None:
    assert jpeg_without_metadata(jpeg(segment(0xE1, exif(orientation)))) == jpeg()


def test_a_png_keeps_its_picture_and_its_colours_and_nothing_else() -> None:
    clean = png_without_metadata(png_that_tells())

    assert clean == png((b"gAMA", (45455).to_bytes(4, "big")))


@pytest.mark.parametrize(
    ("clean", "image"), [(jpeg_without_metadata, jpeg_that_tells()), (png_without_metadata, png_that_tells())]
)
def test_what_is_clean_stays_as_it_is(clean: Callable[[bytes], bytes], image: bytes) -> None:
    once = clean(image)

    assert clean(once) == once


@pytest.mark.parametrize(
    ("clean", "image"),
    [
        (jpeg_without_metadata, b""),
        (jpeg_without_metadata, b"\xff\xd8"),
        (jpeg_without_metadata, b"\xff\xd8\xff\xd9"),
        (jpeg_without_metadata, jpeg()[:-2]),
        (jpeg_without_metadata, b"\xff\xd8" + TABLES + b"\xff\xd9"),
        (jpeg_without_metadata, b"\xff\xd8" + TABLES + b"xx" + SCANS + b"\xff\xd9"),
        (png_without_metadata, b""),
        (png_without_metadata, png()[:-1]),
        (png_without_metadata, png()[:-12]),
        (png_without_metadata, png().replace(b"IDAT", b"IDAx")),
    ],
)
def test_what_is_damaged_is_refused(clean: Callable[[bytes], bytes], image: bytes) -> None:
    with pytest.raises(BrokenImageError):
        clean(image)


@given(
    st.sampled_from([(jpeg_without_metadata, jpeg_that_tells()), (png_without_metadata, png_that_tells())]),
    st.lists(st.tuples(st.integers(0, 400), st.binary(max_size=3)), max_size=4),
    st.integers(0, 400),
)
def test_whatever_is_done_to_an_image_it_is_refused_or_tells_nothing_after_its_end(
    kind: tuple[Callable[[bytes], bytes], bytes], changes: list[tuple[int, bytes]], cut: int
) -> None:
    clean, image = kind
    changed = bytearray(image)
    for place, words in changes:
        changed[place : place + len(words)] = words
    if cut < len(changed) // 2:
        del changed[-cut:]

    try:
        result = clean(bytes(changed))
    except BrokenImageError:
        return

    assert clean(result) == result
    assert SECRETS[3] not in result
