"""Webhooks lead only to where an operator lets them: public hosts, or hosts that are named."""

import asyncio
import socket
import ssl
from collections.abc import Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from service.registry.webhooks.deliveries import Message
from service.webhooks.allowed_targets import AllowedHosts, Refused
from service.webhooks.delivery import attempt, new_client
from service.webhooks.public_addresses import is_public
from tests.support.receiver import Receiver

PUBLIC = ["1.1.1.1", "8.8.8.8", "172.15.255.255", "172.32.0.1", "2606:4700:4700::1111", "::ffff:8.8.8.8"]
NOT_PUBLIC = [
    "127.0.0.1",
    "127.255.255.254",
    "0.0.0.0",
    "0.1.2.3",
    "10.0.0.1",
    "172.16.0.1",
    "172.31.255.255",
    "192.168.1.1",
    "169.254.169.254",  # the cloud's metadata
    "100.100.100.200",  # another cloud's
    "168.63.129.16",  # and a third one's
    "fd00:ec2::254",
    "100.64.0.1",
    "192.0.0.192",
    "192.0.2.1",
    "198.18.0.1",
    "198.51.100.1",
    "203.0.113.1",
    "192.88.99.1",
    "224.0.0.1",
    "239.255.255.250",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::127.0.0.1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "::ffff:169.254.169.254",
    "64:ff9b::7f00:1",
    "64:ff9b:1::7f00:1",
    "2002:7f00:1::",
    "2001:0:4136:e378:8000:63bf:3fff:fdd2",
    "2001:db8::1",
    "3fff::1",
    "100::1",
    "fc00::1",
    "fe80::1",
    "fe80::1%1",
    "fec0::1",
    "ff02::1",
]


@pytest.mark.parametrize("address", PUBLIC)
def test_an_address_of_others_is_public(address):
    assert is_public(address)


@pytest.mark.parametrize("address", NOT_PUBLIC)
def test_an_address_of_ones_own_network_is_not_public(address):
    assert not is_public(address)


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com/",
        "https://example.com:8443/",
        "https://user:password@example.com/",
        "https://user@example.com/",
        "https://example.com/#part",
        "https://example.com/a b",
        "https://example.com/\r\nX-Injected: 1",
        "https://example.com\\@127.0.0.1/",
        "https://127.0.0.1/",
        "https://[::1]/",
        "https://[::ffff:127.0.0.1]/",
        "https://169.254.169.254/latest/meta-data",
        "ftp://example.com/",
        "file:///etc/passwd",
        "//example.com/",
        "example.com",
        "https://",
        "https://example.com:99999/",
        "https://[::1/",
    ],
)
def test_by_default_only_public_hosts_by_https_on_its_port_are_allowed(url):
    with pytest.raises(Refused):
        AllowedHosts(["*"]).find_target(url)


@pytest.mark.parametrize(
    ("entries", "url", "may_be_private"),
    [
        (["*"], "https://example.com/hooks?key=1", False),
        (["*"], "https://EXAMPLE.com:443/", False),
        (["example.com"], "https://example.com/", True),
        (["Example.com"], "http://example.com/", True),
        (["example.com:8443"], "https://example.com:8443/", True),
        (["localhost:*"], "http://localhost:9000/", True),
        (["[::1]:8080"], "http://[::1]:8080/", True),
        (["::1"], "http://[::1]/", True),
        (["*.example.com"], "https://hooks.example.com/", False),
        (["*.example.com:8443"], "https://hooks.example.com:8443/", False),
        (["*", "10.0.0.5"], "https://10.0.0.5/", True),
    ],
)
def test_an_operator_says_what_is_allowed(entries, url, may_be_private):
    assert AllowedHosts(entries).find_target(url).may_be_private == may_be_private


@pytest.mark.parametrize(
    ("entries", "url"),
    [
        ([], "https://example.com/"),
        (["example.com"], "https://example.org/"),
        (["example.com"], "https://example.com:8443/"),
        (["example.com:8443"], "https://example.com/"),
        (["*.example.com"], "https://example.com/"),
        (["*.example.com"], "https://badexample.com/"),
        (["*.example.com"], "http://hooks.example.com/"),
        (["*:*"], "http://example.com/"),
        (["*:*"], "https://10.0.0.5:8443/"),
    ],
)
def test_what_is_not_on_the_list_is_refused(entries, url):
    with pytest.raises(Refused):
        AllowedHosts(entries).find_target(url)


def message(url: str) -> Message:
    secrets = ("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",)
    return Message(id="msg_1", claim=1, webhook="w", type="t", tries=0, url=url, body="{}", secrets=secrets)


def send(entries: list[str], url: str, meanings: list[list[str]] | None = None):
    """One attempt; `meanings` are what the host's name is looked up as, the first time, the second time …"""

    async def run():
        async with looked_up_as(meanings), new_client() as client:
            return await attempt(client, AllowedHosts(entries), message(url), timeout_seconds=5)

    return asyncio.run(run())


@asynccontextmanager
async def looked_up_as(meanings: list[list[str]] | None):
    loop = asyncio.get_running_loop()

    async def getaddrinfo(_host, port, **_):
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in meanings.pop(0)]

    if meanings is not None:
        loop.getaddrinfo = getaddrinfo
    yield


def test_a_name_of_this_machine_is_refused_once_it_was_looked_up():
    outcome = send(["*"], "https://localhost/")
    assert outcome.attempt.status is None
    assert "not public" in outcome.attempt.error


@pytest.mark.parametrize("host", ["2130706433", "0x7f000001", "017700000001", "127.1"])
def test_other_spellings_of_an_address_are_refused(host):
    """The C library reads all of them as 127.0.0.1."""
    outcome = send(["*"], f"https://{host}/")
    assert outcome.attempt.status is None
    assert "not public" in outcome.attempt.error


def test_a_name_with_one_private_address_among_public_ones_is_refused():
    outcome = send(["*"], "https://two-faced.test/", [["1.1.1.1", "10.0.0.1"]])
    assert "not public" in outcome.attempt.error


def test_a_name_is_looked_up_once_and_the_connection_goes_to_what_was_checked(receiver):
    url = f"http://rebound.test:{receiver.server.server_port}/"
    outcome = send(["rebound.test:*"], url, [["127.0.0.1"]])  # a second look-up would fail
    assert outcome.attempt.status == 204
    [received] = receiver.received
    assert received.headers["host"] == f"rebound.test:{receiver.server.server_port}"


def test_an_address_that_can_not_be_reached_gives_way_to_the_next(receiver):
    url = f"http://many.test:{receiver.server.server_port}/"
    outcome = send(["many.test:*"], url, [["127.0.0.2", "127.0.0.1"]])  # nobody listens on the first
    assert outcome.attempt.status == 204


def test_a_name_that_means_nothing_is_told():
    outcome = send(["*"], "https://nowhere.invalid/")
    assert outcome.attempt.status is None
    assert outcome.attempt.error


def test_no_proxy_is_asked(receiver, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    assert send(["127.0.0.1:*"], receiver.url).attempt.status == 204


@pytest.fixture
def secure_receiver(monkeypatch) -> Iterator[Receiver]:
    """With a certificate of `receiver.test` alone, which this process trusts."""
    certificate = str(Path(__file__).with_name("receiver.pem"))
    monkeypatch.setenv("SSL_CERT_FILE", certificate)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    receiver = Receiver(context)
    yield receiver
    receiver.close()


def test_the_certificate_must_be_of_the_host_and_not_of_its_address(secure_receiver):
    port = secure_receiver.server.server_port
    hosts = ["receiver.test:*", "other.test:*"]
    assert send(hosts, f"https://receiver.test:{port}/", [["127.0.0.1"]]).attempt.status == 204
    outcome = send(hosts, f"https://other.test:{port}/", [["127.0.0.1"]])
    assert outcome.attempt.status is None
    assert "certificate" in outcome.attempt.error.lower()
    assert len(secure_receiver.received) == 1
