"""How values and diagnostics are shown: masked, compared, as text, JSON, GitHub, SARIF, Markdown."""
