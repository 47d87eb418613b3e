"""Text messages in and out: gateways, the command parser, texts and delivery (owns them; holds none yet)."""
