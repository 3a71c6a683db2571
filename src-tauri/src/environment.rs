//! What `WebKitGTK` is told before it starts. It takes these settings from the environment only; whoever has set one keeps
//! what they set.

use std::env;
use std::path::Path;

/// How much memory the page's garbage collector takes the machine to have. It lets garbage grow to a share of that, and
/// after floods of output keeps it: with the 24 GB of a real machine a page with three terminals took 431 MB, with this
/// 248 MB, no slower.
const COLLECTOR_MEMORY: (&str, &str) = ("JSC_forceRAMSize", "268435456");
/// Windows without pictures shared with the graphics card.
const PLAIN_PICTURES: (&str, &str) = ("WEBKIT_DISABLE_DMABUF_RENDERER", "1");

/// Sets what this machine needs. Must come before anything else of the window.
pub(crate) fn prepare() {
    set(COLLECTOR_MEMORY);
    if needs_plain_pictures() {
        set(PLAIN_PICTURES);
    }
}

/// Whether shared pictures would leave the window blank, as they do with NVIDIA's driver and in an `AppImage`, or whether
/// there is no graphics card to share them with: then they are drawn by the processor, in a hundred megabytes more.
fn needs_plain_pictures() -> bool {
    let has_card = Path::new("/dev/dri").exists();
    let has_nvidia = Path::new("/proc/driver/nvidia").exists();
    has_nvidia || !has_card || env::var_os("APPIMAGE").is_some()
}

fn set((name, value): (&str, &str)) {
    if env::var_os(name).is_none() {
        // It can only fail for names that are none.
        let _ = glib::setenv(name, value, false);
    }
}
