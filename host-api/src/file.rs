//! Files: the few operations that the standard-library activities need.
