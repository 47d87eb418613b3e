"""Double entry in whole minor units: sealed entries, answered only by reversal. Knows no fee."""
