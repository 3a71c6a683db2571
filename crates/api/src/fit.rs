//! Adds to what is wrong with a bundle what its cluster would refuse: the one place where both are put together.

use bundle::Checked;

/// Completes a checkup; a bundle that its cluster would refuse for sure is none.
pub(crate) fn complete(checked: &mut Checked) {
    let Some(bundle) = &checked.bundle else { return };
    let found = plan::fit(bundle);
    if found.iter().any(bundle::Diagnostic::is_error) {
        checked.bundle = None;
    }
    checked.diagnostics.extend(found);
    bundle::diagnostic::sort(&mut checked.diagnostics);
}
