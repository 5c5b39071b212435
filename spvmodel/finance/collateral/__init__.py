"""What the lenders are secured on."""
