"""Secrets that nobody has: made here, so that no scanner of repositories takes this file for a leak."""

_LETTERS = "aB3dE6gH9jK2mN5pQ8sT1vW4yZ7cF0hJrLuXoPq"


def letters(count: int) -> str:
    """So many letters and digits that look drawn by lot."""
    return (_LETTERS * (count // len(_LETTERS) + 1))[:count]


def hexadecimal(count: int) -> str:
    """So many hexadecimal digits that look drawn by lot."""
    return ("9f3a7c0e5b82d164" * (count // 16 + 1))[:count]


GITHUB = "gh" + "p_" + letters(36)
JSON_WEB_TOKEN = ".".join(("ey" + "J" + letters(20), "ey" + "J" + letters(30), letters(43)))
PRIVATE_KEY = "-----BEGIN RSA " + "PRIVATE KEY-----\n" + f"{letters(64)}\n" * 3 + "-----END RSA " + "PRIVATE KEY-----"

SECRETS = {
    "promptgraph-key": "pg" + "_" + letters(43),
    "openai-key": "sk-" + "proj-" + letters(60),
    "anthropic-key": "sk-" + "ant-api03-" + letters(93),
    "openrouter-key": "sk-" + "or-v1-" + hexadecimal(64),
    "langfuse-key": "sk-" + "lf-9f3a7c0e-5b82-4164-9f3a-7c0e5b82d164",
    "google-key": "AI" + "za" + letters(35),
    "hugging-face-token": "hf" + "_" + letters(34),
    "groq-key": "gs" + "k_" + letters(52),
    "aws-access-key": "AK" + "IA" + "Q3EGR7ZKWJ5TMX2B",
    "github-token": GITHUB,
    "gitlab-token": "gl" + "pat-" + letters(20),
    "slack-token": "xo" + "xb-" + "2948576103-2948576104-" + letters(24),
    "slack-webhook": "https://hooks.slack" + ".com/services/" + f"T02ABCD9X/B03EFGH7Y/{letters(24)}",
    "stripe-key": "sk" + "_live_" + letters(24),
    "webhook-secret": "wh" + "sec_" + letters(32),
    "sendgrid-key": "SG" + "." + letters(22) + "." + letters(43),
    "npm-token": "np" + "m_" + letters(36),
    "pypi-token": "py" + "pi-AgE" + letters(80),
    "docker-token": "dck" + "r_pat_" + letters(27),
    "digitalocean-token": "do" + "p_v1_" + hexadecimal(64),
    "json-web-token": JSON_WEB_TOKEN,
    "private-key": PRIVATE_KEY,
}
"""One of each rule, by the rule's name."""
