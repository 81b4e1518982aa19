"""The offline composer: sentences matched to building blocks, with no AI model (CHT-09)."""
