"""Where a service is, and the way to it: AWS's address or a variable's, a proxy, and certificates that are trusted."""

from __future__ import annotations

import socket
import ssl
import subprocess
from threading import Thread
from typing import TYPE_CHECKING

import pytest

from envtree.adapters.aws.connection import connect
from envtree.adapters.aws.endpoint import Endpoint, service_endpoint
from envtree.adapters.aws.http import ServiceRefused, exchange

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.mark.parametrize(
    ("region", "environ", "expected"),
    [
        ("eu-central-1", {}, "https://kms.eu-central-1.amazonaws.com"),
        ("cn-north-1", {}, "https://kms.cn-north-1.amazonaws.com.cn"),
        ("us-gov-west-1", {"AWS_USE_FIPS_ENDPOINT": "true"}, "https://kms-fips.us-gov-west-1.amazonaws.com"),
        ("eusc-de-east-1", {}, "https://kms.eusc-de-east-1.amazonaws.eu"),
        ("x-1", {"AWS_ENDPOINT_URL": "http://127.0.0.1:5000/"}, "http://127.0.0.1:5000"),
        ("x-1", {"AWS_ENDPOINT_URL": "http://a", "AWS_ENDPOINT_URL_KMS": "https://B:443"}, "https://b"),
        ("x-1", {"AWS_ENDPOINT_URL": "http://a", "AWS_ENDPOINT_URL_S3": "http://b"}, "http://a"),
        (
            "x-1",
            {"AWS_ENDPOINT_URL": "http://a", "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true"},
            "https://kms.x-1.amazonaws.com",
        ),
    ],
)
def test_a_service_is_where_the_region_or_a_variable_says(region: str, environ: dict[str, str], expected: str) -> None:
    assert str(service_endpoint("kms", region, environ)) == expected


@pytest.mark.parametrize(
    "url", ["canary", "http://u:canary@a", "http://a/canary", "http://a:x", "http://[::1", "ftp://a"]
)
def test_an_address_that_is_none_is_refused_and_not_shown(url: str) -> None:
    with pytest.raises(ServiceRefused, match="`AWS_ENDPOINT_URL` is no address") as caught:
        service_endpoint("kms", "x-1", {"AWS_ENDPOINT_URL": url})
    assert "canary" not in str(caught.value)


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    command = (
        "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost -addext subjectAltName=DNS:localhost"
    )
    subprocess.run([*command.split(), "-keyout", "key", "-out", "cert"], cwd=tmp_path, check=True, capture_output=True)
    return tmp_path / "cert"


@pytest.fixture
def secure(certificate: Path) -> Iterator[Endpoint]:
    """A server that speaks TLS, with a certificate that only a bundle makes known."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate, certificate.with_name("key"))
    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = Thread(target=_serve, args=(server, context))
        thread.start()
        yield Endpoint("localhost", server.getsockname()[1], scheme="https")
        server.shutdown(socket.SHUT_RDWR)
        thread.join()


def _serve(server: socket.socket, context: ssl.SSLContext) -> None:
    """Answer one request of each connection; as a proxy too, for what it is asked to connect with is itself."""
    while True:
        try:
            plain, _ = server.accept()
        except OSError:
            return
        with plain:
            try:
                if plain.recv(7, socket.MSG_PEEK) == b"CONNECT":
                    head = plain.recv(4096)
                    assert b"Proxy-Authorization: Basic dTpw" in head
                    plain.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
                with context.wrap_socket(plain, server_side=True) as channel:
                    channel.recv(4096)
                    channel.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nhi")
            except OSError:  # the client doesn't trust the certificate
                continue


def ask(endpoint: Endpoint, environ: dict[str, str]) -> bytes:
    http = connect(endpoint, environ)
    try:
        return exchange(http, "GET", "/", {}).body
    finally:
        http.close()


def test_only_a_certificate_that_is_trusted_is_spoken_with(secure: Endpoint, certificate: Path) -> None:
    assert ask(secure, {"AWS_CA_BUNDLE": str(certificate)}) == b"hi"
    with pytest.raises(ServiceRefused, match="a certificate that this machine doesn't trust"):
        ask(secure, {})


def test_a_proxy_is_asked_unless_the_host_is_exempt(secure: Endpoint, certificate: Path) -> None:
    bundle = {"AWS_CA_BUNDLE": str(certificate)}
    by_proxy = {**bundle, "HTTPS_PROXY": f"http://u:p@127.0.0.1:{secure.port}"}
    assert ask(secure, by_proxy) == b"hi"
    dead = {**bundle, "HTTPS_PROXY": "127.0.0.1:9"}
    with pytest.raises(ServiceRefused, match="can't be reached"):
        ask(secure, dead)
    assert ask(secure, {**dead, "NO_PROXY": "localhost"}) == b"hi"


@pytest.mark.parametrize("proxy", ["socks5://canary:1", "http://", "http://canary:x"])
def test_a_proxy_that_is_none_is_refused(secure: Endpoint, proxy: str) -> None:
    with pytest.raises(ServiceRefused, match="`HTTPS_PROXY` is no address") as caught:
        ask(secure, {"HTTPS_PROXY": proxy})
    assert "canary" not in str(caught.value)


@pytest.mark.parametrize("text", [None, "no certificate"])
def test_a_bundle_that_cannot_be_read_is_named(secure: Endpoint, tmp_path: Path, text: str | None) -> None:
    path = tmp_path / "bundle"
    if text:
        path.write_text(text)
    with pytest.raises(ServiceRefused, match="`AWS_CA_BUNDLE` names"):
        ask(secure, {"AWS_CA_BUNDLE": str(path)})
