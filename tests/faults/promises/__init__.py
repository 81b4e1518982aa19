"""The promises of docs/execution.md, each put to its test."""
