"""What several verbs say and ask: edits, imports of files, reports, values from outside."""
