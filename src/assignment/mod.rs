//! Pure optimisation.
