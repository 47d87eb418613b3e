"""Text messages in and out: gateways, the command parser, texts, delivery."""
