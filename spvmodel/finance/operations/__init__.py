"""What the SPV earns and what running the property costs."""
