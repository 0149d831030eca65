"""Five files as teams keep them beside their programs, `.env.example` and the like: nothing in them is a secret."""

from __future__ import annotations

RAILS_SHOP = """\
# Copy this to .env and fill in what is empty.
RAILS_ENV=development
SECRET_KEY_BASE=
DATABASE_URL=postgres://postgres:postgres@localhost:5432/shop_development
REDIS_URL=redis://localhost:6379/1
STRIPE_PUBLISHABLE_KEY=pk_test_replace_me
STRIPE_SECRET_KEY=sk_test_xxxxxxxxxxxxxxxxxxxxxxxx
STRIPE_WEBHOOK_SECRET=whsec_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx
SMTP_ADDRESS=localhost
SMTP_PORT=1025
SMTP_AUTH=plain
SMTP_USERNAME=
SMTP_PASSWORD=
ADMIN_EMAIL=admin@example.com
ADMIN_PASSWORD=changeme
AWS_ACCESS_KEY_ID=your-access-key-id
AWS_SECRET_ACCESS_KEY=your-secret-access-key
AWS_REGION=eu-west-1
S3_BUCKET=shop-development-uploads
SENTRY_DSN=
TOKEN_EXPIRY_HOURS=24
PASSWORD_RESET_WITHIN=6.hours
"""

LARAVEL_FORUM = """\
APP_NAME=Forum
APP_ENV=local
APP_KEY=
APP_DEBUG=true
APP_URL=http://forum.test

DB_CONNECTION=mysql
DB_HOST=127.0.0.1
DB_PORT=3306
DB_DATABASE=forum
DB_USERNAME=homestead
DB_PASSWORD=secret

BROADCAST_DRIVER=log
CACHE_DRIVER=file
SESSION_DRIVER=file
SESSION_LIFETIME=120

REDIS_HOST=127.0.0.1
REDIS_PASSWORD=null
REDIS_PORT=6379

MAIL_MAILER=smtp
MAIL_USERNAME=null
MAIL_PASSWORD=null
MAIL_ENCRYPTION=null

PUSHER_APP_ID=
PUSHER_APP_KEY=
PUSHER_APP_SECRET=
MIX_PUSHER_APP_KEY="${PUSHER_APP_KEY}"
"""

NEXT_SITE = """\
# --- Public: these end up in the browser
NEXT_PUBLIC_SITE_URL=http://localhost:3000
NEXT_PUBLIC_SUPABASE_URL=https://xyzcompany.supabase.co
NEXT_PUBLIC_SUPABASE_ANON_KEY=your-anon-key
NEXT_PUBLIC_POSTHOG_KEY=phc_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx
NEXT_PUBLIC_GA_ID=G-XXXXXXXXXX

# --- Private
SUPABASE_SERVICE_ROLE_KEY=<service role key from the dashboard>
NEXTAUTH_URL=http://localhost:3000
NEXTAUTH_SECRET="generate one with: openssl rand -base64 32"
GITHUB_ID=Iv1.0123456789abcdef
GITHUB_SECRET=${GITHUB_SECRET}
OPENAI_API_KEY=sk-...
RESEND_API_KEY=re_123
EDGE_CONFIG=https://edge-config.vercel.com/ecfg_id?token=...
VERCEL_GIT_COMMIT_SHA=6dcb09b5b57875f334f61aebed695e2e4193db5e
"""

DJANGO_API = """\
DEBUG=on
DJANGO_SETTINGS_MODULE=config.settings.local
DJANGO_SECRET_KEY=django-insecure-not-for-production
DJANGO_ALLOWED_HOSTS=localhost,127.0.0.1,[::1]
DATABASE_URL=psql://app:app@db:5432/app
CELERY_BROKER_URL=amqp://guest:guest@rabbitmq:5672//
CELERY_RESULT_BACKEND=redis://redis:6379/0
EMAIL_URL=smtp+tls://user:password@localhost:25
AWS_STORAGE_BUCKET_NAME=api-media
AUTH_TOKEN_LIFETIME=3600
AUTH_BACKENDS=django.contrib.auth.backends.ModelBackend
PASSWORD_HASHERS=django.contrib.auth.hashers.Argon2PasswordHasher
CSRF_TRUSTED_ORIGINS=https://app.example.com
API_KEY_HEADER=X-API-Key
JWT_ALGORITHM=RS256
JWT_PUBLIC_KEY_PATH=/run/secrets/jwt.pub
KEYCLOAK_REALM=acme
"""

COMPOSE_STACK = """\
# Passwords of the containers on this machine only.
POSTGRES_USER=postgres
POSTGRES_PASSWORD=postgres
MYSQL_ROOT_PASSWORD=root
RABBITMQ_DEFAULT_USER=guest
RABBITMQ_DEFAULT_PASS=guest
MINIO_ROOT_USER=minioadmin
MINIO_ROOT_PASSWORD=minioadmin
GRAFANA_ADMIN_PASSWORD=admin
KAFKA_SASL_MECHANISM=SCRAM-SHA-512
KAFKA_CLUSTER_ID=MkU3OEVBNTcwNTJENDM2Qk
IMAGE_TAG=2024.10.1-a1b2c3d
IMAGE_DIGEST=sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855
CERT_RESOLVER=letsencrypt
BASIC_AUTH=false
TRAEFIK_DASHBOARD_AUTH=admin:$$apr1$$...
LICENSE=Apache-2.0
TZ=Europe/Copenhagen
"""

TREES = {
    "rails": RAILS_SHOP,
    "laravel": LARAVEL_FORUM,
    "next": NEXT_SITE,
    "django": DJANGO_API,
    "compose": COMPOSE_STACK,
}
