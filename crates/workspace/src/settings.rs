//! The user's settings on disk.
