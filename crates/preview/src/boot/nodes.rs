//! The nodes step: is there a node in each pool that could take the pods of this boot.

use plan::HostProfile;

use crate::failure::{Cause, Failure};

/// Fails when a pool of the host has no usable node.
pub(super) fn run(profile: &HostProfile) -> Result<(), Failure> {
    match profile.empty_pools().first() {
        Some(pool) => Err(Cause::NoRoom {
            pool: (*pool).to_owned(),
        }
        .into()),
        None => Ok(()),
    }
}
