"""Income taxes: depreciation, losses, the limit of interest, and when they are paid."""
