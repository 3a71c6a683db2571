//! Where proven tasks go.

pub mod platform;
