"""Text messages in and out (holds nothing yet): gateways, the command parser, texts, delivery."""
