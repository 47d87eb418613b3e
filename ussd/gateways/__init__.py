"""What gateways send and expect, one file a wire format."""
