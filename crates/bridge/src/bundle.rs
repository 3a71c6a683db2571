//! A bundle that is to be booted: checked as it lies on disk.

use std::path::Path;

use api::bundles::{self, Bundle};
use api::{Code, Error};

/// The bundle in a folder.
///
/// # Errors
/// When it cannot be read, or has errors; the editor shows those.
pub(crate) fn open(folder: &Path) -> Result<Bundle, Error> {
    let checked = bundles::check_one(folder)?;
    let errors = checked.diagnostics().iter().filter(|one| one.is_error()).count();
    checked.into_bundle().ok_or_else(|| {
        let message = format!(
            "{} has {errors} error{}",
            folder.display(),
            if errors == 1 { "" } else { "s" }
        );
        Error::new(Code::Bundle, message)
            .hint("the problems are listed below the editor; correct them, then boot again")
    })
}
