"""The keys of sealed files: age identities, KMS and the user's own sops open data keys; age and KMS wrap them."""
