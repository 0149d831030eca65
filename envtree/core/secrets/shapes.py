"""The shapes of keys and tokens that their makers publish, and the shapes of what looks like a key and is public.

Every repetition is bounded, so that a search takes no longer than the text is long.
"""

from __future__ import annotations

import re

_HEX, _WORD, _URL_SAFE, _BASE64 = "[0-9a-f]", "[A-Za-z0-9]", r"[\w-]", "[A-Za-z0-9+/]"
_UUID = rf"{_HEX}{{8}}-{_HEX}{{4}}-{_HEX}{{4}}-{_HEX}{{4}}-{_HEX}{{12}}"
_LONG = 400
"""The most characters of a key that are looked at; what follows changes nothing."""

SHAPES = {
    "a private key": r"-----BEGIN (?:[A-Z0-9]{1,20} ){0,4}PRIVATE KEY(?: BLOCK)?-----|PuTTY-User-Key-File-\d",
    "a secret key of age": r"AGE-SECRET-KEY-(?:PQ-)?1[02-9AC-HJ-NP-Z]{50,80}",
    "an access key of AWS": r"(?:A3T[A-Z0-9]|AKIA|ASIA|ABIA|ACCA)[A-Z2-7]{16}(?<!EXAMPLE)\b",
    "an Amazon Bedrock key": rf"ABSK{_BASE64}{{100,{_LONG}}}",
    "an account key of Azure": rf"(?:AccountKey|SharedAccessKey)=(?:{_BASE64}){{40,120}}",
    "an Azure client secret": rf"{_WORD}{{3}}\dQ~[\w.~-]{{31,34}}",
    "an Azure DevOps token": rf"{_WORD}{{52}}AZDO{_WORD}{{20}}",
    "a signature of Azure": rf"sig=(?:{_BASE64}|%2[BF]){{42,60}}(?:=|%3D)",
    "an Adobe client secret": rf"p8e-{_WORD}{{32}}\b",
    "an Airtable token": rf"pat{_WORD}{{14}}\.{_HEX}{{64}}",
    "an Algolia secured key": r"algolia[_-]?admin[_-]?key\s?[:=]\s?[0-9a-f]{32}",
    "an Anthropic key": rf"sk-ant-(?:api|admin|oat|sid)\d\d-{_URL_SAFE}{{20,{_LONG}}}",
    "an Artifactory token": rf"AKCp{_WORD}{{64,80}}|cmVmdGtuO{_WORD}{{40,80}}",
    "an Asana token": r"\d/\d{16}(?:/\d{16})?:[0-9a-f]{32}\b",
    "an Atlassian token": rf"ATATT3{_URL_SAFE}{{60,{_LONG}}}|ATCTT3{_URL_SAFE}{{60,{_LONG}}}",
    "a Bitbucket password": rf"ATBB{_WORD}{{32}}\b",
    "a Brevo key": rf"xkeysib-{_HEX}{{64}}-{_WORD}{{16}}|xsmtpsib-{_HEX}{{64}}-{_WORD}{{16}}",
    "a Buildkite token": rf"bk(?:ua|aj|ct)_{_WORD}{{32,64}}",
    "a CircleCI token": rf"CCIP(?:AT|RJ)_{_URL_SAFE}{{22,30}}_{_HEX}{{40}}",
    "a Clojars token": r"CLOJARS_[0-9a-z]{60}\b",
    "a Cloudinary secret": rf"cloudinary://\d{{6,20}}:{_URL_SAFE}{{20,40}}@",
    "a Cloudflare key": rf"v1\.0-{_HEX}{{24}}-{_HEX}{{146}}|cf(?:ut|at|k)_{_WORD}{{40,60}}",
    "a Contentful token": rf"CFPAT-{_URL_SAFE}{{43}}",
    "a crates.io token": rf"cio{_WORD}{{32}}\b",
    "a Databricks token": rf"dapi{_HEX}{{32}}(?:-\d)?\b|dose{_HEX}{{32}}\b",
    "a Dependency-Track key": rf"odt_{_WORD}{{32,64}}",
    "a DigitalOcean token": rf"do[opr]_v1_{_HEX}{{64}}\b",
    "a Discord token": rf"[MNO]{_URL_SAFE}{{23,27}}\.{_URL_SAFE}{{6}}\.{_URL_SAFE}{{27,45}}",
    "a Discord webhook": r"https://(?:\w{1,10}\.)?discord(?:app)?\.com/api/(?:v\d{1,2}/)?webhooks/\d{15,22}/[\w-]{50,90}",
    "a Docker token": rf"dckr_(?:pat|oat)_{_URL_SAFE}{{27,64}}",
    "a Doppler token": rf"dp\.(?:pt|st|ct|sa|scim|audit)\.(?:[\w-]{{1,40}}\.)?{_WORD}{{40,44}}",
    "a Dropbox token": rf"sl\.(?:u\.)?{_URL_SAFE}{{100,{_LONG}}}",
    "a Duffel token": rf"duffel_(?:live|test)_{_URL_SAFE}{{43}}",
    "a Dynatrace token": r"dt0[a-z]\d\d\.[A-Z0-9]{8,24}\.[A-Z0-9]{64}\b",
    "an EasyPost key": rf"EZ[AT]K{_WORD}{{54}}\b",
    "a Facebook token": rf"EAA[MC]?{_WORD}{{80,{_LONG}}}",
    "a Figma token": rf"fig[dou]r?_{_URL_SAFE}{{40,60}}",
    "a Fly token": rf"(?:FlyV1 )?fm[12][ar]?_{_BASE64}{{60,{_LONG}}}|fo1_{_URL_SAFE}{{43}}",
    "a Flutterwave key": rf"FLWSECK(?:_TEST)?-{_WORD}{{12,40}}-X",
    "a Frame.io token": rf"fio-u-{_URL_SAFE}{{64}}",
    "a GitHub token": rf"gh[opsru]_{_WORD}{{36,255}}|github_pat_\w{{36,255}}",
    "a GitLab token": r"gl(?:pat|dt|rt|cbt|ptt|ft|soat|agent|oas|imt|ffct|wt)-[\w.-]{20,400}|GR1348941[\w-]{20}",
    "a Google API key": rf"AIza{_URL_SAFE}{{35}}",
    "a Google client secret": rf"GOCSPX-{_URL_SAFE}{{28}}",
    "a Google OAuth token": rf"ya29\.{_URL_SAFE}{{20,{_LONG}}}|1//0{_URL_SAFE}{{40,{_LONG}}}",
    "a Grafana token": rf"gl(?:sa_{_WORD}{{32}}_[0-9A-Fa-f]{{8}}|c_{_BASE64}{{32,{_LONG}}})",
    "a Groq key": rf"gsk_{_WORD}{{48,60}}",
    "a HashiCorp token": rf"{_WORD}{{14}}\.atlasv1\.[\w=-]{{60,70}}",
    "a Heroku API key": rf"HRKU-{_URL_SAFE}{{36,80}}",
    "a HubSpot token": rf"pat-(?:na|eu)\d-{_UUID}",
    "a Hugging Face token": r"(?:hf|api_org)_[A-Za-z]{34}\b",
    "an Infracost key": rf"ico-{_WORD}{{32}}\b",
    "an Intercom token": rf"dG9rO{_BASE64}{{50,80}}",
    "a JSON Web Token": r"eyJ[\w-]{10,2000}\.eyJ[\w-]{10,8000}\.[\w-]{10,2000}",
    "a Langfuse key": rf"sk-lf-{_UUID}",
    "a LangSmith key": rf"lsv2_(?:pt|sk)_{_HEX}{{32}}_{_HEX}{{10}}\b",
    "a Laravel key": rf"base64:{_BASE64}{{43}}=",
    "a LaunchDarkly key": rf"(?:sdk|api)-{_UUID}",
    "a Linear key": rf"lin_(?:api|oauth)_{_WORD}{{40,80}}",
    "a Mailchimp key": rf"{_HEX}{{32}}-us\d{{1,2}}\b",
    "a Mailgun key": rf"key-{_HEX}{{32}}\b|{_HEX}{{32}}-{_HEX}{{8}}-{_HEX}{{8}}\b",
    "a MessageBird key": rf"(?:live|test)_{_WORD}{{25}}\b",
    "a Mapbox secret token": rf"sk\.eyJ{_URL_SAFE}{{20,{_LONG}}}\.{_URL_SAFE}{{20,40}}",
    "a New Relic key": rf"NRAK-[A-Z0-9]{{27}}\b|NRI[IQ]-{_URL_SAFE}{{32}}|{_HEX}{{36}}(?:FFFF)?NRAL\b",
    "a Neon key": rf"napi_{_WORD}{{60,80}}",
    "a Netlify token": rf"nfp_{_WORD}{{36,44}}\b",
    "a Notion token": rf"ntn_{_WORD}{{40,50}}|secret_{_WORD}{{43}}\b",
    "an npm token": rf"npm_{_WORD}{{36}}\b",
    "a NuGet key": r"oy2[a-z0-9]{43}\b",
    "an NVIDIA key": rf"nvapi-{_URL_SAFE}{{60,70}}",
    "an OpenAI key": rf"sk-(?:proj|svcacct|admin|None)-{_URL_SAFE}{{20,{_LONG}}}|sk-{_WORD}{{40,60}}\b",
    "an OpenRouter key": rf"sk-or-v1-{_HEX}{{64}}",
    "a OneSignal key": rf"os_v2_(?:app|org)_{_WORD}{{80,120}}",
    "a PagerDuty key": rf"pdus\+_{_URL_SAFE}{{20,60}}",
    "a Perplexity key": rf"pplx-{_WORD}{{40,64}}",
    "a PlanetScale secret": r"pscale_(?:tkn|pw|oauth)_[\w.=-]{32,80}",
    "a Polar key": rf"polar_(?:oat|pat)_{_WORD}{{40,60}}",
    "a Postman key": rf"PMAK-{_HEX}{{24}}-{_HEX}{{34}}\b",
    "a PostHog personal key": rf"phx_{_WORD}{{40,60}}",
    "a Postmark password": r"PM-[TB]-[\w-]{20,40}",
    "a Prefect key": rf"pn[ub]_{_WORD}{{36}}\b",
    "a Pulumi token": rf"pul-{_HEX}{{40}}\b",
    "a PyPI token": rf"pypi-AgE{_URL_SAFE}{{50,{_LONG}}}",
    "a Razorpay key": rf"rzp_live_{_WORD}{{14}}\b",
    "a ReadMe key": rf"rdme_{_WORD}{{70}}\b",
    "a Render key": rf"rnd_{_WORD}{{28,36}}\b",
    "a Replicate token": rf"r8_{_URL_SAFE}{{37}}",
    "a Resend key": rf"re_{_WORD}{{8}}_{_WORD}{{24}}\b",
    "a RubyGems key": rf"rubygems_{_HEX}{{48}}\b",
    "a Scalingo token": rf"tk-us-{_URL_SAFE}{{48}}",
    "a SendGrid key": rf"SG\.{_URL_SAFE}{{22}}\.{_URL_SAFE}{{43}}",
    "a Sentry token": r"sntry[su]_[\w+/=-]{40,400}",
    "a Shippo token": rf"shippo_(?:live|test)_{_HEX}{{40}}\b",
    "a Shopify token": r"shp(?:at|ca|pa|ss)_[0-9a-fA-F]{32}\b",
    "a Slack token": r"xox[abeoprs](?:\.xox[bp])?-[A-Za-z0-9-]{10,400}|xapp-\d-[A-Z0-9]{5,20}-\d{5,20}-[a-z0-9]{10,80}",
    "a Slack webhook": r"https://hooks\.slack\.com/(?:services|workflows|triggers)/[\w/]{20,120}",
    "a Snyk token": rf"snyk_(?:uat|sat)\.\w{{1,20}}\.{_URL_SAFE}{{20,{_LONG}}}",
    "a SonarQube token": rf"sq[aupc]_{_HEX}{{40}}\b",
    "a Sourcegraph token": rf"sgp_(?:{_WORD}{{16}}_)?{_HEX}{{40}}\b",
    "a Square secret": rf"sq0(?:csp|atp|idp)-{_URL_SAFE}{{22,43}}|EAAA{_URL_SAFE}{{60}}(?![\w-])",
    "a secret key of Stripe": rf"(?:sk|rk)_(?:live|test|prod)_{_WORD}{{16,250}}|whsec_[A-Za-z0-9+/=]{{24,80}}",
    "a Supabase key": rf"sbp_{_HEX}{{40}}\b|sb_secret_{_URL_SAFE}{{20,60}}",
    "a Tailscale key": rf"tskey-(?:auth|api|client|webhook|scim)-{_WORD}{{6,20}}-{_WORD}{{16,50}}",
    "a Teams webhook": rf"https://[\w-]{{1,60}}\.webhook\.office\.com/webhookb2/{_UUID}",
    "a Telegram token": rf"\d{{8,10}}:AA{_URL_SAFE}{{33}}\b",
    "a Twilio key": rf"SK{_HEX}{{32}}\b",
    "a Typeform token": rf"tfp_{_URL_SAFE}{{44,64}}",
    "an Unkey key": rf"unkey_{_WORD}{{20,40}}\b",
    "a Vault token": rf"hv[sbr]\.{_URL_SAFE}{{24,300}}",
    "a Vercel token": rf"vc[pikar]_{_WORD}{{24,60}}\b",
    "a Yandex key": rf"AQVN{_URL_SAFE}{{35,38}}|t1\.[A-Z0-9a-z_-]{{1,300}}={{0,2}}\.{_URL_SAFE}{{86}}",
    "a Zapier webhook": r"https://hooks\.zapier\.com/hooks/catch/\d{4,12}/\w{5,20}",
    "a webhook of n8n or Make": r"https://hook\.(?:eu|us)\d\.make\.com/[a-z0-9]{28,40}",
}
"""The kinds of keys and how each is recognised: by the prefixes that their makers publish."""

PUBLIC_SHAPES = (
    rf"pk_(?:live|test)_\w{{8,250}}|pk\.eyJ{_URL_SAFE}{{10,{_LONG}}}\.{_URL_SAFE}{{10,60}}|rzp_test_\w{{14}}",
    r"age1[0-9a-z]{50,100}|sb_publishable_[\w-]{10,60}|phc_\w{30,60}|sq0idp-[\w-]{22}|pub[0-9a-f]{32}|mob-[0-9a-f-]{36}",
    r"(?:price|prod|plan|acct|cus|sub|evt|pi|ch|tax|txr|txcd|coupon|promo|app|org|user|team|proj|prj)_\w{8,60}",
    r"(?:AC|AP|CA|CN|HX|IS|KS|MG|MM|PN|RE|SM|VA|WF|ZS)[0-9a-f]{32}|d-[0-9a-f]{32}|G-[A-Z0-9]{8,12}|GTM-[A-Z0-9]{5,9}",
    rf"6L[\w-]{{38}}|AAAA[BCE][23][A-Za-z0-9+/]{{20,1000}}={{0,2}}|sha(?:256|384|512)[-:]{_BASE64}{{40,90}}={{0,2}}",
    rf"h1:{_BASE64}{{43}}=|SHA256:{_BASE64}{{43}}|(?:ami|arn|eni|i|igw|rtb|sg|snap|subnet|vol|vpc)-[0-9a-f]{{8,17}}",
    r"(?:eu|us|ap|sa|ca|me|af)-[a-z]{4,10}-\d_[A-Za-z0-9]{9}|EXAMPLE[A-Z0-9]{0,40}|[A-Z0-9]{0,20}EXAMPLE(?:KEY)?",
)
"""What has the look of a key and may be seen by all: publishable keys, ids, digests."""

_KNOWN = re.compile(rf"(?<![\w-])(?:{'|'.join(SHAPES.values())})")
_PUBLIC = re.compile("|".join(PUBLIC_SHAPES))
FOR_ALL = frozenset(("a JSON Web Token", "a Google API key"))
"""The kinds of keys that a front end may hold, where the name says so."""


def find_shape(text: str, start: int = 0) -> tuple[str, int, int] | None:
    """Return the first key in a text that has a published shape: which shape, and where it begins and ends."""
    found = _KNOWN.search(text, start)
    if found is None:
        return None
    words = next(words for words, shape in SHAPES.items() if re.compile(shape).match(text, found.start()))
    return words, found.start(), found.end()


def has_public_shape(text: str) -> bool:
    """Return whether a whole text is of a kind that everybody may see."""
    return _PUBLIC.fullmatch(text) is not None
