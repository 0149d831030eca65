"""Variables of ordinary fleets as they are in production: by another hand than the detector's.

The names are those that well-known programs and services document; the values are invented, and random where real ones
are. The secrets are made when the tests run, so that nobody's scanner takes a test for a leak.
"""

from __future__ import annotations

import string
from random import Random
from typing import NamedTuple

_CHANCE = Random(15)
UPPER = string.ascii_uppercase + string.digits
HEX, DIGITS, MIXED = "0123456789abcdef", string.digits, string.ascii_letters + string.digits
SMALL = string.ascii_lowercase + string.digits


def some(letters: str, count: int) -> str:
    """Letters as a generator gives them, the same in each run."""
    return "".join(_CHANCE.choice(letters) for _ in range(count))


def guid() -> str:
    return "-".join(some(HEX, count) for count in (8, 4, 4, 4, 12))


class Variable(NamedTuple):
    name: str
    text: str


_RAILS = """\
RAILS_ENV=production
RACK_ENV=production
RAILS_MAX_THREADS=5
RAILS_SERVE_STATIC_FILES=enabled
RAILS_LOG_TO_STDOUT=enabled
RAILS_LOG_LEVEL=info
WEB_CONCURRENCY=3
MALLOC_ARENA_MAX=2
LANG=en_US.UTF-8
TZ=Europe/Copenhagen
BUNDLE_WITHOUT=development:test
SIDEKIQ_CONCURRENCY=10
SIDEKIQ_QUEUES=critical,default,mailers,low
JEMALLOC_ENABLED=true
RUBY_YJIT_ENABLE=1
ACTION_MAILER_DEFAULT_URL_HOST=www.acme-shop.example
ASSET_HOST=https://assets.acme-shop.example
ASSETS_VERSION=2024.11.2
SESSION_COOKIE_NAME=_acme_shop_session
SESSION_KEY=_acme_session
FORCE_SSL=true
STATEMENT_TIMEOUT=30000
DB_POOL=15
REDIS_POOL_SIZE=12
CACHE_NAMESPACE=shop-v3
DEVISE_MAILER_SENDER=Acme Shop <no-reply@acme-shop.example>
DEVISE_PASSWORD_LENGTH=12..72
OTP_ISSUER=Acme
PASSWORD_RESET_TTL=2h
TOKEN_EXPIRY_MINUTES=30
"""
_NODE = f"""\
NODE_ENV=production
NODE_OPTIONS=--max-old-space-size=2560 --enable-source-maps
NPM_CONFIG_PRODUCTION=false
YARN_PRODUCTION=false
USE_YARN_CACHE=true
HOST=0.0.0.0
API_VERSION=2.0
API_BASE_URL=https://api.acme-shop.example/v2
PUBLIC_URL=https://www.acme-shop.example
GRAPHQL_ENDPOINT=https://api.acme-shop.example/graphql
CORS_ORIGIN=https://www.acme-shop.example,https://admin.acme-shop.example
COOKIE_DOMAIN=.acme-shop.example
JWT_ALGORITHM=RS256
JWT_ISSUER=https://acme.eu.auth0.com/
JWT_AUDIENCE=https://api.acme-shop.example
JWT_EXPIRES_IN=15m
ACCESS_TOKEN_TTL=900
REFRESH_TOKEN_ROTATION=true
AUTH0_DOMAIN=acme.eu.auth0.com
AUTH0_CLIENT_ID={some(MIXED, 32)}
AUTH_PROVIDER=auth0
OAUTH_CALLBACK_URL=https://www.acme-shop.example/auth/callback
OAUTH_SCOPES=openid profile email
OIDC_DISCOVERY_URL=https://login.acme-shop.example/.well-known/openid-configuration
SAML_ENTITY_ID=urn:acme:shop
SSO_ENABLED=true
LOG_FORMAT=json
LOG_LEVEL=info
DEBUG=acme:*
PM2_INSTANCES=max
UV_THREADPOOL_SIZE=16
FEATURE_NEW_CHECKOUT=true
FEATURE_FLAGS=checkout_v2,gift_cards,-legacy_cart
MAINTENANCE_MODE=off
RATE_LIMIT_WINDOW_MS=60000
RATE_LIMIT_MAX=120
BODY_LIMIT=10mb
REQUEST_TIMEOUT=25s
WEBHOOK_URL=https://www.acme-shop.example/hooks/payments
WEBHOOK_TOLERANCE_SECONDS=300
"""
_PYTHON = f"""\
DJANGO_SETTINGS_MODULE=acme.settings.production
DJANGO_ALLOWED_HOSTS=www.acme-shop.example,acme-shop.herokuapp.com
DJANGO_DEBUG=False
DISABLE_COLLECTSTATIC=1
PYTHONUNBUFFERED=1
PYTHONHASHSEED=random
GUNICORN_CMD_ARGS=--workers 4 --timeout 30 --access-logfile -
CELERY_TASK_ALWAYS_EAGER=False
CELERY_WORKER_PREFETCH_MULTIPLIER=1
CELERY_BROKER_POOL_LIMIT=1
SECURE_HSTS_SECONDS=31536000
CSRF_TRUSTED_ORIGINS=https://www.acme-shop.example
CSRF_COOKIE_NAME=acmecsrf
DEFAULT_FROM_EMAIL=shop@acme-shop.example
EMAIL_HOST=smtp.eu.mailgun.org
EMAIL_PORT=587
EMAIL_USE_TLS=True
EMAIL_HOST_USER=postmaster@mg.acme-shop.example
AUTH_USER_MODEL=accounts.User
AUTH_PASSWORD_VALIDATORS=length,common,numeric
SENTRY_ENVIRONMENT=production
SENTRY_TRACES_SAMPLE_RATE=0.05
SENTRY_RELEASE={some(HEX, 40)}
SENTRY_PROJECT=acme-shop
SENTRY_ORG=acme
"""
_SERVICES = f"""\
AWS_REGION=eu-north-1
AWS_DEFAULT_REGION=eu-north-1
AWS_ACCOUNT_ID={some(DIGITS, 12)}
AWS_ROLE_ARN=arn:aws:iam::{some(DIGITS, 12)}:role/shop-production
AWS_S3_BUCKET=acme-shop-production-uploads
S3_BUCKET_NAME=acme-prod-assets-{some(SMALL, 6)}
S3_KEY_PREFIX=uploads/production
S3_ENDPOINT=https://s3.eu-north-1.amazonaws.com
CLOUDFRONT_DISTRIBUTION_ID=E{some(UPPER, 13)}
CLOUDFRONT_URL=https://d{some(SMALL, 13)}.cloudfront.net
COGNITO_USER_POOL_ID=eu-north-1_{some(MIXED, 9)}
COGNITO_CLIENT_ID={some(SMALL, 26)}
SNS_TOPIC_ARN=arn:aws:sns:eu-north-1:{some(DIGITS, 12)}:orders
SQS_QUEUE_URL=https://sqs.eu-north-1.amazonaws.com/{some(DIGITS, 12)}/orders
KMS_KEY_ID={guid()}
KMS_KEY_ARN=arn:aws:kms:eu-north-1:{some(DIGITS, 12)}:key/{guid()}
GOOGLE_CLIENT_ID={some(DIGITS, 12)}-{some(SMALL, 32)}.apps.googleusercontent.com
GOOGLE_CLOUD_PROJECT=acme-shop-prod-{some(DIGITS, 6)}
GOOGLE_ANALYTICS_ID=G-{some(UPPER, 10)}
GOOGLE_TAG_MANAGER_ID=GTM-{some(UPPER, 7)}
FIREBASE_PROJECT_ID=acme-shop
FIREBASE_APP_ID=1:{some(DIGITS, 12)}:web:{some(HEX, 22)}
FIREBASE_MESSAGING_SENDER_ID={some(DIGITS, 12)}
AZURE_TENANT_ID={guid()}
AZURE_CLIENT_ID={guid()}
FACEBOOK_APP_ID={some(DIGITS, 15)}
GITHUB_APP_ID={some(DIGITS, 6)}
GITHUB_CLIENT_ID=Iv1.{some(HEX, 16)}
GITHUB_REPOSITORY=acme/shop
SLACK_CHANNEL=#shop-alerts
SLACK_CHANNEL_ID=C0{some(UPPER, 9)}
SLACK_CLIENT_ID={some(DIGITS, 11)}.{some(DIGITS, 13)}
STRIPE_PUBLISHABLE_KEY=pk_live_{some(MIXED, 24)}
STRIPE_PRICE_ID=price_{some(MIXED, 24)}
STRIPE_PRODUCT_ID=prod_{some(MIXED, 14)}
STRIPE_ACCOUNT_ID=acct_{some(MIXED, 16)}
STRIPE_API_VERSION=2024-06-20
STRIPE_CURRENCY=eur
PAYPAL_MODE=live
PAYPAL_CLIENT_ID={some(MIXED + "-_", 80)}
BRAINTREE_MERCHANT_ID={some(SMALL, 16)}
BRAINTREE_ENVIRONMENT=production
ADYEN_MERCHANT_ACCOUNT=AcmeShopECOM
KLARNA_REGION=eu
TWILIO_ACCOUNT_SID=AC{some(HEX, 32)}
TWILIO_MESSAGING_SERVICE_SID=MG{some(HEX, 32)}
TWILIO_PHONE_NUMBER=+4520555010
SENDGRID_TEMPLATE_ID=d-{some(HEX, 32)}
MAILGUN_DOMAIN=mg.acme-shop.example
MAILCHIMP_LIST_ID={some(HEX, 10)}
MAILCHIMP_SERVER_PREFIX=us14
POSTMARK_MESSAGE_STREAM=outbound
INTERCOM_APP_ID={some(SMALL, 8)}
HUBSPOT_PORTAL_ID={some(DIGITS, 8)}
ZENDESK_SUBDOMAIN=acme-help
SALESFORCE_INSTANCE_URL=https://acme.my.salesforce.com
SALESFORCE_API_VERSION=v59.0
ALGOLIA_APP_ID={some(UPPER, 10)}
ALGOLIA_INDEX=products_production
ELASTICSEARCH_INDEX_PREFIX=shop-production
SEARCH_INDEX_KEY=products:v7
MAPBOX_STYLE=mapbox://styles/acme/cl{some(SMALL, 23)}
RECAPTCHA_SITE_KEY=6L{some(MIXED, 38)}
SEGMENT_ENABLED=true
MIXPANEL_PROJECT_ID={some(DIGITS, 7)}
OPTIMIZELY_SDK_ENVIRONMENT=production
LAUNCHDARKLY_CLIENT_SIDE_ID={some(HEX, 24)}
CONTENTFUL_SPACE_ID={some(SMALL, 12)}
CONTENTFUL_ENVIRONMENT=master
SANITY_PROJECT_ID={some(SMALL, 8)}
SANITY_DATASET=production
PRISMIC_REPOSITORY=acme-shop
CLOUDINARY_CLOUD_NAME=acme-shop
IMGIX_DOMAIN=acme-shop.imgix.net
PUSHER_CLUSTER=eu
PUSHER_APP_ID={some(DIGITS, 7)}
VAPID_PUBLIC_KEY=B{some(MIXED + "-_", 86)}
VAPID_SUBJECT=mailto:ops@acme-shop.example
KAFKA_TOPIC=orders.created.v1
KAFKA_CONSUMER_GROUP=shop-production
KAFKA_CLIENT_ID=shop-web
KAFKA_SASL_MECHANISM=SCRAM-SHA-512
KAFKA_SECURITY_PROTOCOL=SASL_SSL
NEW_RELIC_APP_NAME=acme-shop (production)
NEW_RELIC_LOG=stdout
NEW_RELIC_DISTRIBUTED_TRACING_ENABLED=true
DD_SERVICE=shop
DD_ENV=production
DD_VERSION={some(HEX, 7)}
DD_AGENT_MAJOR_VERSION=7
SCOUT_MONITOR=true
ROLLBAR_ENV=production
HONEYBADGER_ENV=production
LOGTAIL_SOURCE_NAME=shop
OTEL_SERVICE_NAME=shop
OTEL_EXPORTER_OTLP_ENDPOINT=https://otlp.eu01.nr-data.net:4317
OTEL_RESOURCE_ATTRIBUTES=service.namespace=acme,deployment.environment=production
GIT_SHA={some(HEX, 40)}
SOURCE_VERSION={some(HEX, 40)}
BUILD_ID={some(DIGITS, 10)}
RELEASE_CHANNEL=stable
IMAGE_TAG=2024-11-30-{some(HEX, 8)}
CLUSTER_NAME=prod-eu-1
TENANT=acme
TENANT_ID={guid()}
ORGANIZATION_ID=org-{some(MIXED, 24)}
DEFAULT_LOCALE=da
SUPPORTED_LOCALES=da,sv,nb,en
CURRENCY_RATES={{"EUR":7.46,"SEK":0.65}}
TAX_COUNTRY=DK
VAT_NUMBER=DK{some(DIGITS, 8)}
IBAN=DK{some(DIGITS, 16)}
SUPPORT_EMAIL=help@acme-shop.example
SUPPORT_PHONE=+45 70 55 50 10
CONTENT_SECURITY_POLICY=default-src 'self'; img-src https: data:
ALLOWED_IPS=10.0.0.0/8,192.168.0.0/16
TRUSTED_PROXIES=173.245.48.0/20
LDAP_BASE_DN=ou=people,dc=acme,dc=example
LDAP_BIND_DN=cn=reader,dc=acme,dc=example
SMTP_ADDRESS=smtp.postmarkapp.com
SMTP_AUTHENTICATION=plain
SMTP_USERNAME=apikey
SMTP_DOMAIN=acme-shop.example
REDIS_URL=redis://cache.internal:6379/0
DATABASE_HOST=db.internal
DATABASE_NAME=shop_production
DATABASE_USER=shop
PGSSLMODE=verify-full
PGAPPNAME=shop-web
MONGODB_DATABASE=shop
SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt
PRIVATE_KEY_PATH=/etc/shop/jwt.pem
CREDENTIALS_FILE=/etc/shop/google.json
ENCRYPTION_ENABLED=true
ENCRYPTION_ALGORITHM=aes-256-gcm
HASH_ROUNDS=12
KEY_ROTATION_DAYS=90
API_KEY_HEADER=X-Acme-Key
API_RATE=1000/h
SECRETS_BACKEND=ssm
SECRETS_PREFIX=/shop/production
PASSWORDLESS_LOGIN=true
AUTHENTICATION_STRATEGY=session
CACHE_KEY_PREFIX=shop:production
PRIMARY_KEY_TYPE=uuid
PARTITION_KEY=customer_id
LICENSE_TYPE=enterprise
PIN_LENGTH=4
"""


def _rows(text: str) -> list[Variable]:
    return [Variable(name, value) for name, _, value in (line.partition("=") for line in text.splitlines())]


PLAIN = [row for text in (_RAILS, _NODE, _PYTHON, _SERVICES) for row in _rows(text)]

_BASE64 = MIXED + "+/"
_HOST = "ec2-1-2-3-4.eu-west-1.compute.amazonaws.com"
_HOOK = "https://hooks.slack.com/services"
_KEY = f"-----BEGIN {'PRIVATE'} KEY-----\\n{some(_BASE64, 64)}\\n-----END {'PRIVATE'} KEY-----\\n"
_ACCOUNT = f'{{"type":"service_account","private_key_id":"{some(HEX, 40)}","private_key":"{_KEY}"}}'
SECRETS = _rows(f"""\
SECRET_KEY_BASE={some(HEX, 128)}
DEVISE_SECRET_KEY={some(HEX, 128)}
OTP_SECRET={some(HEX, 128)}
DJANGO_SECRET_KEY={some(SMALL + "!@#$%^&*(-_=+)", 50)}
FLASK_SECRET={some(HEX, 48)}
APP_KEY=base64:{some(_BASE64, 43)}=
RAILS_MASTER_KEY={some(HEX, 32)}
ACTIVE_RECORD_ENCRYPTION_PRIMARY_KEY={some(MIXED, 32)}
ACTIVE_RECORD_ENCRYPTION_DETERMINISTIC_KEY={some(MIXED, 32)}
ACTIVE_RECORD_ENCRYPTION_KEY_DERIVATION_SALT={some(MIXED, 32)}
LOCKBOX_MASTER_KEY={some(HEX, 64)}
BLIND_INDEX_KEY={some(HEX, 64)}
JWT_SECRET={some(MIXED, 40)}
SESSION_SECRET={some(MIXED, 24)}
COOKIE_KEYS={some(MIXED, 20)},{some(MIXED, 20)}
CSRF_SECRET={some(HEX, 32)}
ENCRYPTION_KEY={some(_BASE64, 43)}=
FERNET_KEY={some(MIXED + "-_", 43)}=
CREDENTIAL_ENCRYPTION_KEYS={some(HEX, 64)}
DATABASE_URL=postgres://u{some(SMALL, 13)}:p{some(HEX, 64)}@{_HOST}:5432/d{some(SMALL, 13)}
REDIS_URL=rediss://:p{some(HEX, 64)}@{_HOST}:6380
MONGODB_URI=mongodb+srv://shop:{some(MIXED, 16)}@cluster0.{some(SMALL, 5)}.mongodb.net/shop
CLOUDAMQP_URL=amqps://{some(SMALL, 8)}:{some(MIXED + "-_", 32)}@rabbit.rmq.cloudamqp.example/{some(SMALL, 8)}
ELASTICSEARCH_URL=https://elastic:{some(MIXED, 24)}@search.acme.example:9243
SMTP_URL=smtps://apikey:{some(MIXED, 30)}@smtp.example.com:465
DB_PASSWORD={some(MIXED, 16)}
POSTGRES_PASSWORD={some(MIXED, 20)}
MYSQL_ROOT_PASSWORD={some(SMALL, 12)}
SMTP_PASSWORD={some(MIXED, 18)}
ADMIN_PASSWORD=correct-horse-battery-staple
BASIC_AUTH=shop:{some(SMALL, 10)}
HTTP_AUTH_PASSWORD={some(SMALL, 10)}
LDAP_BIND_PASSWORD={some(MIXED, 14)}
SFTP_PASS={some(MIXED, 12)}
AWS_SECRET_ACCESS_KEY={some(_BASE64, 40)}
AWS_ACCESS_KEY_ID=AKIA{some(string.ascii_uppercase + "234567", 16)}
S3_SECRET={some(_BASE64, 40)}
STRIPE_SECRET_KEY=sk_live_{some(MIXED, 24)}
STRIPE_WEBHOOK_SECRET=whsec_{some(MIXED, 32)}
STRIPE_SIGNING_KEY={some(MIXED, 32)}
PAYPAL_CLIENT_SECRET={some(MIXED + "-_", 80)}
BRAINTREE_PRIVATE_KEY={some(HEX, 32)}
ADYEN_API_KEY=AQE{some(_BASE64, 90)}
KLARNA_PASSWORD={some(MIXED, 16)}
TWILIO_AUTH_TOKEN={some(HEX, 32)}
SENDGRID_API_KEY=SG.{some(MIXED, 22)}.{some(MIXED, 43)}
MAILGUN_API_KEY=key-{some(HEX, 32)}
MAILCHIMP_API_KEY={some(HEX, 32)}-us14
POSTMARK_API_TOKEN={guid()}
INTERCOM_ACCESS_TOKEN=dG9r{some(_BASE64, 56)}=
HUBSPOT_API_KEY={guid()}
ZENDESK_TOKEN={some(MIXED, 40)}
SALESFORCE_CLIENT_SECRET={some(UPPER, 64)}
SALESFORCE_SECURITY_TOKEN={some(MIXED, 24)}
ALGOLIA_ADMIN_API_KEY={some(HEX, 32)}
CONTENTFUL_ACCESS_TOKEN={some(MIXED + "-_", 43)}
CONTENTFUL_MANAGEMENT_TOKEN=CFPAT-{some(MIXED + "-_", 43)}
SANITY_TOKEN=sk{some(MIXED, 180)}
CLOUDINARY_URL=cloudinary://{some(DIGITS, 15)}:{some(MIXED + "-_", 27)}@acme-shop
PUSHER_SECRET={some(HEX, 20)}
VAPID_PRIVATE_KEY={some(MIXED + "-_", 43)}
NEW_RELIC_LICENSE_KEY={some(HEX, 36)}NRAL
DD_API_KEY={some(HEX, 32)}
DD_APP_KEY={some(HEX, 40)}
ROLLBAR_ACCESS_TOKEN={some(HEX, 32)}
HONEYBADGER_API_KEY=hbp_{some(MIXED, 36)}
BUGSNAG_API_KEY={some(HEX, 32)}
SENTRY_AUTH_TOKEN=sntrys_{some(MIXED, 60)}
LOGTAIL_SOURCE_TOKEN={some(MIXED, 24)}
PAPERTRAIL_API_TOKEN={some(MIXED, 20)}
SLACK_WEBHOOK_URL={_HOOK}/T0{some(UPPER, 8)}/B0{some(UPPER, 8)}/{some(MIXED, 24)}
SLACK_SIGNING_SECRET={some(HEX, 32)}
GITHUB_TOKEN=ghp_{some(MIXED, 36)}
GITHUB_WEBHOOK_SECRET={some(HEX, 40)}
NPM_TOKEN=npm_{some(MIXED, 36)}
BUNDLE_GEMS__CONTRIBSYS__COM={some(HEX, 8)}:{some(HEX, 8)}
BUNDLE_RUBYGEMS__PKG__GITHUB__COM=acme-bot:ghp_{some(MIXED, 36)}
HEROKU_API_KEY=HRKU-{guid()}
GOOGLE_CLIENT_SECRET=GOCSPX-{some(MIXED + "-_", 28)}
GOOGLE_MAPS_API_KEY=AIza{some(MIXED + "-_", 35)}
RECAPTCHA_SECRET_KEY=6L{some(MIXED, 38)}
FACEBOOK_APP_SECRET={some(HEX, 32)}
AUTH0_CLIENT_SECRET={some(MIXED + "-_", 64)}
AZURE_CLIENT_SECRET={some(MIXED + "~._-", 40)}
OPENAI_API_KEY=sk-proj-{some(MIXED + "-_", 120)}
ANTHROPIC_API_KEY=sk-ant-api03-{some(MIXED + "-_", 93)}AA
LAUNCHDARKLY_SDK_KEY=sdk-{guid()}
SEGMENT_WRITE_KEY={some(MIXED, 32)}
MIXPANEL_TOKEN={some(HEX, 32)}
SIDEKIQ_WEB_PASSWORD={some(SMALL, 10)}
METRICS_TOKEN={some(HEX, 16)}
INTERNAL_API_TOKEN={some(MIXED, 32)}
HEALTHCHECK_KEY={some(MIXED, 16)}
DEPLOY_KEY={some(_BASE64, 68)}
UPLOAD_SIGNATURE_KEY={some(HEX, 64)}
PARTNER_HMAC={some(HEX, 64)}
SERVICE_ACCOUNT_JSON={_ACCOUNT}
""")
"""A key or password of each kind that such fleets have."""
