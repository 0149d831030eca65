"""A hundred and fifty variables and more, true secrets and false ones, as fleets have them.

All are invented. Keys are put together when the tests run, so that nobody's scanner takes a test for a leak.
"""

from __future__ import annotations

import random
import string
from typing import NamedTuple

_SOURCE = random.Random(7)
LOWER = string.ascii_lowercase + string.digits
ALL = string.ascii_letters + string.digits
HEX = "0123456789abcdef"
UPPER = string.ascii_uppercase + string.digits


def chance(letters: str, count: int) -> str:
    """Letters put by chance, the same in each run."""
    return "".join(_SOURCE.choice(letters) for _ in range(count))


def uuid() -> str:
    """A random UUID."""
    return "-".join(chance(HEX, count) for count in (8, 4, 4, 4, 12))


class Row(NamedTuple):
    """A variable, and what it is."""

    name: str
    text: str


VENDORS = [
    Row("DEPLOY", "AKIA" + chance("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", 16)),
    Row("X", "ASIA" + chance("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", 16)),
    Row("CI", "ghp_" + chance(ALL, 36)),
    Row("CI", "github_pat_" + chance(ALL, 22) + "_" + chance(ALL, 59)),
    Row("CI", "glpat-" + chance(ALL, 20)),
    Row("RUNNER", "glrt-" + chance(ALL, 20)),
    Row("BILLING", "sk_live_" + chance(ALL, 24)),
    Row("BILLING", "rk_live_" + chance(ALL, 24)),
    Row("HOOK", "whsec_" + chance(ALL, 32)),
    Row("MAIL", "SG." + chance(ALL, 22) + "." + chance(ALL, 43)),
    Row("MAIL", "key-" + chance(HEX, 32)),
    Row("MAIL", chance(HEX, 32) + "-us12"),
    Row("MAIL", "re_" + chance(ALL, 8) + "_" + chance(ALL, 24)),
    Row("MAIL", "xkeysib-" + chance(HEX, 64) + "-" + chance(ALL, 16)),
    Row("CHAT", "xoxb-" + chance(string.digits, 12) + "-" + chance(string.digits, 12) + "-" + chance(ALL, 24)),
    Row("CHAT", "xapp-1-A" + chance(UPPER, 10) + "-" + chance(string.digits, 13) + "-" + chance(HEX, 64)),
    Row(
        "CHAT",
        "https://hooks.slack.com/services/T0" + chance(UPPER, 8) + "/B01234567/" + chance(ALL, 24),
    ),
    Row("CHAT", "https://discord.com/api/webhooks/" + chance(string.digits, 18) + "/" + chance(ALL, 68)),
    Row("BOT", chance(string.digits[1:], 9) + ":AA" + chance(ALL, 33)),
    Row("BOT", "M" + chance(ALL, 23) + "." + chance(ALL, 6) + "." + chance(ALL, 27)),
    Row("MAPS", "AIza" + chance(ALL, 35)),
    Row("SIGNIN", "GOCSPX-" + chance(ALL, 28)),
    Row("MODEL", "sk-proj-" + chance(ALL, 48)),
    Row("MODEL", "sk-" + chance(ALL, 48)),
    Row("MODEL", "sk-ant-api03-" + chance(ALL, 93) + "AA"),
    Row("MODEL", "hf_" + chance(string.ascii_letters, 34)),
    Row("MODEL", "gsk_" + chance(ALL, 52)),
    Row("MODEL", "r8_" + chance(ALL, 37)),
    Row("SHOP", "shpat_" + chance(HEX, 32)),
    Row("SHOP", "sq0csp-" + chance(ALL, 43)),
    Row("REGISTRY", "npm_" + chance(ALL, 36)),
    Row("REGISTRY", "pypi-AgEIcHlwaS5vcmc" + chance(ALL, 60)),
    Row("REGISTRY", "rubygems_" + chance(HEX, 48)),
    Row("REGISTRY", "dckr_pat_" + chance(ALL, 27)),
    Row("CLOUD", "dop_v1_" + chance(HEX, 64)),
    Row("CLOUD", "HRKU-" + uuid()),
    Row("CLOUD", "HRKU-AA" + chance(ALL, 58)),
    Row("DATA", "dapi" + chance(HEX, 32)),
    Row("DATA", "pscale_pw_" + chance(ALL, 43)),
    Row("DATA", "sbp_" + chance(HEX, 40)),
    Row("VAULT", "hvs." + chance(ALL, 24)),
    Row("CONFIG", "dp.st.prd." + chance(ALL, 43)),
    Row("MONITOR", "NRAK-" + chance(UPPER, 27)),
    Row("MONITOR", "glsa_" + chance(ALL, 32) + "_" + chance(HEX, 8)),
    Row("MONITOR", "sntrys_" + chance(ALL, 60)),
    Row("NETWORK", "tskey-auth-" + chance(ALL, 12) + "-" + chance(ALL, 32)),
    Row("ISSUES", "lin_api_" + chance(ALL, 40)),
    Row("ISSUES", "ATATT3xFfGF0" + chance(ALL, 170)),
    Row("DESIGN", "figd_" + chance(ALL, 43)),
    Row("TWILIO", "SK" + chance(HEX, 32)),
    Row("APP_SETTING", "base64:" + chance(ALL, 43) + "="),
    Row("STORAGE", "DefaultEndpointsProtocol=https;AccountName=acme;AccountKey=" + chance(ALL, 86) + "=="),
    Row("SESSION", "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiI" + chance(ALL, 20) + "." + chance(ALL, 43)),
    Row("TLS", "-----BEGIN " + "RSA PRIVATE KEY-----\n" + chance(ALL, 64) + "\n-----END RSA PRIVATE" + " KEY-----\n"),
    Row("BOX", "AGE-SECRET-" + "KEY-1" + chance("QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L", 58)),
]
"""Shapes that makers publish, under names that say nothing."""

NAMED = [
    Row("DB_PASSWORD", "tulip-river"),
    Row("PGPASSWORD", "Kv7!tulip"),
    Row("DATABASE_PASS", "sommerfugl"),
    Row("adminPassword", "Winter2031"),
    Row("MYSQL_PWD", "roede.grod"),
    Row("APIKEY", "t7k2m9q4"),
    Row("MAPS_APIKEY", chance(LOWER, 20)),
    Row("ALGOLIA_ADMIN_KEY", chance(HEX, 32)),
    Row("SMTP_AUTH", "post:tulip99"),
    Row("REDIS_AUTH", "hunter22"),
    Row("HTTP_BASIC_AUTH", "admin:vinter"),
    Row("NPM_AUTH", chance(ALL, 24)),
    Row("ADMIN_PIN", "4711"),
    Row("CARD_PIN", "920481"),
    Row("SALT", "kraekke"),
    Row("PASSWORD_SALT", chance(ALL, 16)),
    Row("PEPPER", "oliventrae"),
    Row("HASH_PEPPER", chance(HEX, 24)),
    Row("LICENSE", "B7K2-99QX-M4TT-0PZE"),
    Row("LICENSE_KEY", chance(ALL, 32)),
    Row("NEW_RELIC_LICENSE_KEY", chance(HEX, 40)),
    Row("SECRET_KEY_BASE", chance(HEX, 128)),
    Row("DJANGO_SECRET_KEY", "p9$k2(" + chance(LOWER, 40)),
    Row("JWT_SECRET", "an-owl-in-the-attic"),
    Row("SESSION_SECRET_OLD", "an-owl-in-the-attic"),
    Row("COOKIE_SECRET", "84736251"),
    Row("ENCRYPTION_KEY", chance(ALL, 44)),
    Row("WEBHOOK_SECRET", "krokodille7"),
    Row("RELEASE_COOKIE", chance(UPPER, 20)),
    Row("RAILS_MASTER_KEY", chance(HEX, 32)),
    Row("AWS_SECRET_ACCESS_KEY", chance(ALL + "/+", 40)),
    Row("TWILIO_AUTH_TOKEN", chance(HEX, 32)),
    Row("SLACK_SIGNING_SECRET", chance(HEX, 32)),
    Row("HEROKU_API_KEY", uuid()),
    Row("LINK_SIGNING_KEY.bkp", "an-owl-in-the-attic"),
    Row("GOOGLE_CREDENTIALS", '{"type":"service_account","private_key_id":"' + chance(HEX, 40) + '"}'),
    Row("STRIPE_KEY", "sk_test_" + chance(ALL, 24)),
    Row("DATADOG_APP_KEY", chance(HEX, 40)),
    Row("SEED_PHRASE", "otter violin maple canyon rocket blanket"),
]
"""Values that only their names tell of."""

ADDRESSES = [
    Row("DATABASE_URL", "postgres://app:tulip@db.internal.example.com:5432/app"),
    Row("CACHE", "redis://:" + chance(ALL, 20) + "@cache:6379/0"),
    Row("QUEUE", "amqps://acme:" + chance(ALL, 16) + "@rabbit.example.com/acme"),
    Row("MONGO", "mongodb+srv://app:gulerod@cluster0.example.net/app"),
    Row("DB_DSN", "app:tulip77@tcp(db.internal:3306)/app?parseTime=true"),
    Row("DSN", "app:tulip77@unix(/run/mysqld.sock)/app"),
    Row("DB", "host=db.internal user=app password=tulip77 dbname=app sslmode=require"),
    Row("DB", "Server=db.internal;Database=app;User Id=app;Password=Tul1p77;"),
    Row("ORACLE", "scott/tulip77@db.internal:1521/orcl"),
    Row("MEMCACHED", "app:tulip77@cache.internal:11211"),
    Row("JDBC_URL", "jdbc:postgresql://db.internal/app?user=app&password=tulip77"),
    Row("CALLBACK", "https://api.example.com/hook?token=" + chance(ALL, 20)),
    Row("PROXY", "http://egress:tulip77@proxy.example.com:3128"),
    Row("SENTRY_DSN", "https://" + chance(HEX, 32) + ":" + chance(HEX, 32) + "@sentry.example.com/4"),
    Row(
        "BUS",
        "Endpoint=sb://acme.example.net/;SharedAccessKeyName=all;SharedAccessKey=" + chance(ALL, 43) + "=",
    ),
]

CHANCE = [
    Row("SIGNUP", chance(HEX, 32)),
    Row("SIGNUP", chance(HEX, 64)),
    Row("ROTATOR", chance(ALL, 40)),
    Row("ROTATOR", chance(ALL + "+/", 43) + "="),
    Row("LEGACY", chance(LOWER, 32)),
    Row("HANDSHAKE", "Bearer " + chance(ALL, 40)),
]

PLAIN = [
    Row("LOG_LEVEL", "info"),
    Row("SMTP_AUTH", "plain"),
    Row("BUNDLE_BUILD__NOKOGIRI", "--use-system-libraries"),
    Row("BUNDLE_LOCAL__RACK", "/srv/rack"),
    Row("SMTP_AUTHENTICATION", "cram_md5"),
    Row("KAFKA_AUTH", "scram-sha-256"),
    Row("AUTH", "oauth2"),
    Row("BASIC_AUTH", "true"),
    Row("LICENSE", "Apache-2.0"),
    Row("LICENSE", "GPL-3.0-or-later"),
    Row("LICENSE", "enterprise"),
    Row("PYTHON_PIN", "3.11.4"),
    Row("GPIO_PIN", "17"),
    Row("SALT_ROUNDS", "12"),
    Row("TOKEN_TTL", "3600"),
    Row("PASSWORD_MIN_LENGTH", "12"),
    Row("API_KEY_HEADER", "X-Api-Key"),
    Row("SECRET_NAME", "prod/accounts/db"),
    Row("PASSWORD_FILE", "/run/secrets/db"),
    Row("DB_PASSWORD", "/run/secrets/db"),
    Row("DB_PASSWORD", "${DB_PASSWORD}"),
    Row("DB_PASSWORD", "changeme"),
    Row("API_TOKEN", "your-api-token-here"),
    Row("JWT_SECRET", "replace-me-with-a-long-random-string"),
    Row("SECRET_KEY", "<generate with openssl rand>"),
    Row("STRIPE_SECRET_KEY", "sk_test_xxxxxxxxxxxxxxxxxxxxxxxx"),
    Row("API_KEY", "xxxxxxxx"),
    Row("STRIPE_PUBLISHABLE_KEY", "pk_live_" + chance(ALL, 24)),
    Row("STRIPE_KEY", "pk_test_" + chance(ALL, 24)),
    Row("STRIPE_PRICE_PRO", "price_" + chance(ALL, 24)),
    Row("STRIPE_ACCOUNT", "acct_" + chance(ALL, 16)),
    Row("VITE_API_KEY", "AIza" + chance(ALL, 35)),
    Row("NEXT_PUBLIC_TOKEN", chance(ALL, 32)),
    Row("SUPABASE_ANON_KEY", "eyJhbGciOiJIUzI1NiJ9.eyJyb2xlIjoiYW5v" + chance(ALL, 20) + "." + chance(ALL, 43)),
    Row("RECAPTCHA_SITE_KEY", "6L" + chance(ALL, 38)),
    Row("GIT_COMMIT", chance(HEX, 40)),
    Row("RELEASE_SHA", chance(HEX, 40)),
    Row("IMAGE", "registry.example.com/app@sha256:" + chance(HEX, 64)),
    Row("ASSET_DIGEST", chance(HEX, 64)),
    Row("SCRIPT_INTEGRITY", "sha384-" + chance(ALL, 64)),
    Row("TENANT_ID", uuid()),
    Row("CORRELATION", uuid()),
    Row("TWILIO_ACCOUNT_SID", "AC" + chance(HEX, 32)),
    Row("TWILIO_SERVICE", "VA" + chance(HEX, 32)),
    Row("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE"),
    Row("COGNITO_POOL", "eu-west-1_" + chance(ALL, 9)),
    Row("SUBNETS", "subnet-" + chance(HEX, 17)),
    Row("ROLE", "arn:aws:iam::123456789012:role/accounts-production"),
    Row("SENTRY_DSN", "https://" + chance(HEX, 32) + "@o1.ingest.sentry.io/4501"),
    Row("DATABASE_URL", "postgres://app@db.internal:5432/app"),
    Row("DATABASE_URL", "postgres://postgres:postgres@localhost:5432/app"),
    Row("AMQP_URL", "amqp://guest:guest@rabbitmq:5672"),
    Row("REDIS_URL", "redis://cache:6379/0"),
    Row("SITE", "https://example.com:8443/@team/page"),
    Row("CACHE_KEY", "users_v2_by_region"),
    Row("PARTITION_KEY", "tenant_id"),
    Row("SSH_PUBLIC_KEY", "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5" + chance(ALL, 44) + " ann@example.com"),
    Row("AGE_RECIPIENT", "age1" + chance(LOWER, 58)),
    Row("CA", "-----BEGIN CERTIFICATE-----\n" + chance(ALL, 64) + "\n-----END CERTIFICATE-----\n"),
    Row("JAVA_OPTS", "-Xmx512m -XX:+UseG1GC -Dfile.encoding=UTF-8"),
    Row("WORKERS", "ActiveSupport::Cache::RedisCacheStore"),
    Row("CSP", "default-src 'self'; img-src https://cdn.example.com data:"),
    Row("RECIPIENTS", "ann@example.com,bob@example.com"),
    Row("ALLOWED_HOSTS", "app-1.internal.example.com,app-2.internal.example.com"),
    Row("TAX_RATES", '{"NO":0.25,"SE":0.25}'),
    Row("SUPPORT_PHONE", "0015555550100"),
    Row("ZONE_ID", "Z" + chance(UPPER, 20)),
    Row("BUCKET", "acme-production-uploads-eu-north-1"),
    Row("FEATURES", "passkeys,invoices,team-accounts"),
    Row("PATH", "/opt/bin:/usr/local/bin:/usr/bin:/bin"),
    Row("USER_AGENT", "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36"),
    Row("GTM", "GTM-AB12CD3"),
    Row("FERNET_KEY_FILE", "/etc/airflow/fernet"),
    Row("KEY_PREFIX", "accounts:sessions"),
    Row("OAUTH_CLIENT_ID", chance(string.digits, 12) + "-" + chance(LOWER, 32) + ".apps.googleusercontent.com"),
    Row("SSL_CERT_FINGERPRINT", ":".join(chance("0123456789ABCDEF", 2) for _ in range(20))),
    Row("BUILD_NUMBER", "20241001123000"),
]

TRUE = [*VENDORS, *NAMED, *ADDRESSES, *CHANCE]
"""Secrets."""
