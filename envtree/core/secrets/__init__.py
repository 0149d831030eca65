"""How a secret is recognised: by a published shape, its name, an address that holds it, or letters put by chance."""
