"""What passes for a secret, and what must not: false alarms teach people to look away."""

from __future__ import annotations

import random
import string

import pytest

from envtree.core.secrets.judgement import judge
from envtree.core.secrets.values import REFERENCE, is_random

KEY = "AbC1dE2fG3hI4jK5lM6nO7pQ8rS9tU0vW1xY2zA3"
HEX = "4f1d6cbb20a94e7b8d35a2c1f07e96ab"

# In pieces, so that no scanner of repositories takes a test for a leak.
SHAPES = [
    ("an access key of AWS", "AKIAQWERTYUIOPASDFGH"),
    ("an access key of AWS", "ASIAQWERTYUIOPASDFGH"),
    ("a GitHub token", f"ghp_{KEY[:36]}"),
    ("a GitHub token", f"github_pat_{KEY}{KEY}00"),
    ("a GitLab token", "glpat-0123456789abcdefghij"),
    ("a Google API key", f"AIza{KEY[:35]}"),
    ("a Heroku API key", f"HRKU-AA{KEY}{KEY[:18]}"),
    ("a JSON Web Token", "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9P"),
    ("an npm token", f"npm_{KEY[:36]}"),
    ("a private key", "-----BEGIN RSA PRIVATE KEY-----\nMIIEpAIBAAKCAQEA\n-----END RSA PRIVATE KEY-----\n"),
    ("a private key", '{"private_key":"-----BEGIN PRIVATE KEY-----\\nMIIE"}'),
    ("a secret key of age", "AGE-SECRET-KEY-1" + ("QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L" * 2)[:58]),
    ("a secret key of Stripe", f"sk_live_{KEY[:24]}"),
    ("a secret key of Stripe", f"rk_live_{KEY[:24]}"),
    ("a SendGrid key", f"SG.{KEY[:22]}.{KEY}{KEY[:3]}"),
    ("a Slack token", "xoxb-123456789012-abcdefghijkl"),
    ("a Slack webhook", f"https://hooks.slack.com/services/T01234567/B01234567/{KEY[:24]}"),
]


@pytest.mark.parametrize(("words", "text"), SHAPES)
def test_a_key_is_known_by_the_shape_that_its_maker_publishes(words: str, text: str) -> None:
    assert judge("X", text).reason == f"has the shape of {words}"
    assert judge("X", f"Authorization: {text}").reason == f"has the shape of {words}"


@pytest.mark.parametrize(
    "text",
    [
        "postgres://app:tulip@db.internal/app",
        f"postgres://{REFERENCE}:tulip@{REFERENCE}/app",
        "redis://:tulip@cache:6379/0",
        "mongodb://one,two:tulip@three/db",
        "https://example.com/hook?a=b&token=tulip",
    ],
)
def test_a_password_in_an_address_is_one(text: str) -> None:
    assert judge("URL", text).reason == "holds a password in an address"


@pytest.mark.parametrize(
    "text",
    [
        f"postgres://{REFERENCE}:{REFERENCE}@{REFERENCE}:{REFERENCE}/{REFERENCE}?sslmode=require",
        "postgres://app@db.internal:5432/app",
        "redis://:@cache:6379",
        "https://0123456789abcdef@sentry.example.com/12",
        "https://example.com:8443/@scope/package@1.2",
        "http://[::1]:3000/a@b",
        "https://example.com/?page=2&key=name",
        "postgres://user:<password>@host/db",
        "postgres://user:${PASSWORD}@host/db",
        "https://example.com/?token=${TOKEN}",
    ],
)
def test_an_address_without_one_is_quiet(text: str) -> None:
    assert not judge("URL", text).is_alarm


@pytest.mark.parametrize(
    "name",
    [
        *("PASSWORD", "DB_PASSWORD", "db_password", "SMTP_PASS", "API_TOKEN", "JWT_SECRET", "SECRET_KEY_BASE"),
        *("API_KEY", "AWS_SECRET_ACCESS_KEY", "PRIVATE_KEY", "API_KEYS", "APIKEY", "DB_PWD", "STRIPE_SECRET_KEY_TEST"),
        *("TOKEN_2", "LINK_SIGNING_KEY.bkp", "GOOGLE_CREDENTIALS", "DB_PASSWORD_OLD"),
    ],
)
def test_a_telling_name_is_enough(name: str) -> None:
    assert judge(name, "tulip").reason == "is named like a secret"


@pytest.mark.parametrize(
    "name",
    [
        *("TOKEN_TTL", "PASSWORD_MIN_LENGTH", "API_KEY_PREFIX", "API_KEY_HEADER", "SECRET_NAME", "PASSWORD_FILE"),
        *("PUBLIC_API_KEY", "NEXT_PUBLIC_TOKEN", "STRIPE_PUBLISHABLE_KEY", "SORT_KEY", "KEY", "COMPASS", "PWD"),
        *("OLDPWD", "OLD_PWD", "TOKENIZER", "SECRETARY", "PASSENGERS", "AWS_ACCESS_KEY_ID", "BASE", "V2"),
    ],
)
def test_a_name_that_is_about_a_secret_is_not_one(name: str) -> None:
    assert not judge(name, "tulip").is_alarm


@pytest.mark.parametrize(
    "text",
    [
        *("", "true", "No", "off", "0", "4096", "1_000", "0.5", "30s", "15 m", "95%", "abc"),
        *("/run/secrets/db", "./key.pem", "../key", "~/.netrc", "secrets/db.txt", "https://vault.example.com/v1/db"),
        *("vault:secret/data/db#password", "arn:aws:secretsmanager:eu-north-1:1:secret:db", "op://vault/db/password"),
        *("projects/1/secrets/db/versions/2", REFERENCE, f"{REFERENCE}-{REFERENCE}", "${DB_PASSWORD}", "$PASSWORD"),
        *(
            "{{ password }}",
            "<your password>",
            "[password]",
            "%(password)s",
            "xxxxxxxx",
            "********",
            "none",
            "disabled",
        ),
    ],
)
def test_a_telling_name_says_nothing_of_a_plain_value_or_a_reference(text: str) -> None:
    assert not judge("DB_PASSWORD", text).is_alarm


@pytest.mark.parametrize(
    "text",
    [HEX, HEX.upper(), KEY, f"{KEY}+/==", f"Bearer {KEY}", "k3jd8s9fj2l4mq7x0z5vb1nt", "x-_Ab12Cd34Ef56Gh78Ij90"],
)
def test_a_random_text_is_told_by_itself(text: str) -> None:
    assert judge("SIGNUP", text).reason == "looks random, as keys do"


@pytest.mark.parametrize(
    "text",
    [
        "123e4567-e89b-12d3-a456-426614174000",
        "123E4567-E89B-12D3-A456-426614174000",
        f"registry.example.com/app@sha256:{HEX}{HEX}",
        f"sha256:{HEX}{HEX}",
        "sha384-oqVuAfXRKap7fdgcCY5uykM6+R9GqQ8K/uxy9rx7HNQlGYl1kPzQho1wx4JwY8wC",
        f"https://cdn.example.com/assets/application-{HEX}.js",
        f"/srv/releases/{KEY}",
        "/usr/local/bin:/usr/bin:/bin",
        "1.22.333.4444-rc.5+build.20240101",
        "2024-10-01T12:30:00.000Z",
        "00000000000000000000000000000000",
        "12345678901234567890123456789012345",
        "postgres.production.internal.example.com",
        "fictional-production-key-base-that-is-as-long-as-rails-wants-it-to-be-in-earnest",
        "GoogleCloudRunServiceAccountTokenCreator",
        "com.example.Accounts2Application",
        "ActiveSupport::Cache::RedisCacheStore",
        "--max-old-space-size=4096",
        "user1@example.com,user2@example.com",
        "-----BEGIN CERTIFICATE-----\nMIIBwDCCAWWgAwIBAgIUBsLkK1EbBoYQOeRYLJBypbqaEpkw\n-----END CERTIFICATE-----\n",
        "-----BEGIN PUBLIC KEY-----\nMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEN9AYcfXEnVnTgSTr\n-----END PUBLIC KEY-----\n",
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGq2WcpXr1Q5y0Tn3dXb8V4m6kZs7uHf9eRj2LwPa0Bc ann@example.com",
        "AKIAIOSFODNN7EXAMPLE",
        '{"NO":0.25,"SE":0.25,"DK":0.25,"FI":0.255}',
        "C.UTF-8",
    ],
)
def test_what_only_looks_so_at_a_glance_is_quiet(text: str) -> None:
    assert not judge("X", text).is_alarm


@pytest.mark.parametrize(
    "name", ["COMMIT_SHA", "GIT_COMMIT", "ASSET_DIGEST", "CLIENT_ID", "TLS_CERT", "PUBLIC_KEY", "BUILD"]
)
def test_a_name_says_what_looks_random_and_is_no_secret(name: str) -> None:
    assert not judge(name, HEX).is_alarm
    assert not judge(name, KEY).is_alarm


@pytest.mark.parametrize(
    ("letters", "size", "found"),
    [
        ("0123456789abcdef", 32, 0.99),
        (string.ascii_lowercase + string.digits, 24, 0.9),
        (string.ascii_letters + string.digits, 20, 0.88),
        (string.ascii_letters + string.digits, 32, 0.95),
        (string.ascii_letters + string.digits + "-_", 43, 0.95),
    ],
)
def test_most_random_texts_are_found(letters: str, size: int, found: float) -> None:
    source = random.Random(1)
    texts = ["".join(source.choice(letters) for _ in range(size)) for _ in range(2000)]
    assert sum(map(is_random, texts)) / len(texts) > found


@pytest.mark.timeout(60)  # no calls to count; what looks at each letter again and again takes longer
@pytest.mark.parametrize(
    "piece",
    [
        *(
            "a",
            "aB1",
            "0123456789abcdef",
            "://",
            "a://b:c",
            "https://a/?b=c&",
            "-----BEGIN ",
            "-----BEGIN A A A ",
            "eyJ",
        ),
        *("eyJabcdefghijk.", "AKIA", "?token=", "/secrets/", "a/b.c", "$", "{", "a.", "@", ":", "\n", REFERENCE),
    ],
)
def test_the_longest_value_takes_no_time_whatever_it_holds(piece: str) -> None:
    text = piece * (131_000 // len(piece))
    judge("TOKEN", f"{text} ")
    judge("X", f"https://{text}")
    judge("TOKEN", f"projects/{text}")
