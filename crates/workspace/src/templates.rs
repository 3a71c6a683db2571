//! The templates that new bundles start from.
