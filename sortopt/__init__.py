"""sortopt."""
