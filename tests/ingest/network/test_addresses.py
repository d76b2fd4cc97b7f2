"""Which addresses may be reached (FAULTS 23)."""

import doctest
import socket

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.errors import FetchError, HostNotFoundError, InnerAddressError, SecretInAddressError
from ingest.network import addresses
from ingest.network.addresses import Network, check_address, is_public, reach_host, show_address

INNER = """
0.0.0.0 0.1.2.3 10.0.0.1 100.64.0.1 100.100.100.200 127.0.0.1 127.255.255.254 168.63.129.16
169.254.169.254 169.254.170.2 172.16.0.1 172.31.255.255 192.0.0.1 192.0.0.192 192.0.2.1 192.88.99.1
192.168.1.1 198.18.0.1 198.19.255.255 198.51.100.7 203.0.113.9 224.0.0.1 239.1.1.1 240.0.0.1
255.255.255.255 :: ::1 ::127.0.0.1 ::ffff:127.0.0.1 ::ffff:8.8.8.8 ::ffff:0:127.0.0.1
64:ff9b::7f00:1 64:ff9b::808:808 64:ff9b:1::1 100::1 100:0:0:1::1 2001::1 2001:0:7f00:1::1 2001:2::1
2001:10::1 2001:20::1 2001:db8::1 2002:7f00:1::1 2002:a00:1::1 3fff::1 4000::1 5f00::1 fc00::1
fd00:ec2::254 fe80::1 fe80::1%eth0 fec0::1 ff02::1 ff0e::1
"""
OUTER = """
1.1.1.1 8.8.8.8 93.184.215.14 100.63.255.255 100.128.0.1 172.15.0.1 172.32.0.1 169.253.0.1 192.0.1.1
198.17.0.1 223.255.255.255 2606:4700::1111 2a01:4f8::1 2001:4860::8888 2400::1
"""
UNUSABLE = [
    "file:///etc/passwd",
    "gopher://feeds.test/",
    "ftp://feeds.test/",
    "dict://feeds.test:11211/",
    "javascript:alert(1)",
    "data:text/xml,<rss/>",
    "//feeds.test/rss",
    "feeds.test/rss",
    "",
    "http://",
    "http:///rss",
    "http://0177.0.0.1/",
    "http://0x7f.0.0.1/",
    "http://0x7f000001/",
    "http://2130706433/",
    "http://017700000001/",
    "http://127.1/",
    "http://127.0.1/",
    "http://1.2.3.4./",
    "http://256.256.256.256/",
    "http://１２７.０.０.１/",
    "http://①②⑦.⓪.⓪.①/",
    "http://%31%32%37.0.0.1/",
    "http://127.0.0.1%00.radio.test/",
    "http://[::1%25lo]/",
    "http://[fe80::1%eth0]/",
    "http://[1.2.3.4]/",
    "http://user@feeds.test/",
    "http://user:pass@feeds.test/",
    "http://radio.test\\@127.0.0.1/",
    "http://radio.test#@127.0.0.1:99999999/\x00",
    "http://feeds.test:0/",
    "http://feeds.test:65536/",
    "http://feeds.test:-1/",
    "http://feeds.test:http/",
    "http://feeds.test/\r\nHost: inner",
    "http://fee ds.test/",
    "http://-/",
    "http://" + "a" * 5_000 + ".test/",
]


@pytest.mark.parametrize("address", INNER.split())
def test_inner_address_is_not_public(address: str) -> None:
    """FAULTS 23."""
    assert not is_public(address)


@pytest.mark.parametrize("address", OUTER.split())
def test_outer_address_is_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize("address", UNUSABLE)
def test_unusable_address_is_refused_before_any_name_is_resolved(address: str) -> None:
    """FAULTS 23."""
    with pytest.raises(FetchError):
        check_address(address)


@given(st.text(max_size=60), st.sampled_from(["", "http://", "https://", "http://["]))
def test_any_text_is_checked_or_refused(text: str, start: str) -> None:
    try:
        url = check_address(start + text)
    except FetchError:
        return
    assert url.scheme in ("http", "https") and not url.userinfo


def test_secrets_are_refused_and_never_shown() -> None:
    with pytest.raises(SecretInAddressError) as caught:
        check_address("https://bob:hunter2@radio.test/rss")
    assert "hunter2" not in str(caught.value) + str(caught.value.message.values)
    assert show_address("https://a:b@c@radio.test/") == "https://radio.test/"


def test_one_inner_address_among_several_refuses_the_host() -> None:
    """FAULTS 23."""
    network = Network.allowing([], lambda host, port: ["93.184.215.14", "10.0.0.1"])
    with pytest.raises(InnerAddressError):
        reach_host("radio.test", 80, network, "http://radio.test/")


@pytest.mark.parametrize("name", ["studio.test", "STUDIO.test", "studio.test."])
def test_named_host_is_allowed_however_it_is_written(name: str) -> None:
    network = Network.allowing(["Studio.Test"], lambda host, port: ["10.0.0.1"])
    assert reach_host(name, 80, network, "x") == ["10.0.0.1"]


def test_host_without_address_is_not_found() -> None:
    def fail(host: str, port: int) -> list[str]:
        raise socket.gaierror(socket.EAI_NONAME, "unknown")

    with pytest.raises(HostNotFoundError) as caught:
        reach_host("radio.test", 80, Network.allowing([], fail), "http://radio.test/")
    assert caught.value.transient


def test_examples_in_docstrings_hold() -> None:
    assert doctest.testmod(addresses).failed == 0
