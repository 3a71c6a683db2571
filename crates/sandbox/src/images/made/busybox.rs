//! Busybox: Debian's static one under all of its names. It stands in for alpine where only its shell is used.

use super::super::oci::Config;
use super::super::recipe::Recipe;
use super::PATH;

pub(in super::super) fn recipe() -> Recipe {
    let config = Config {
        env: vec![PATH],
        cmd: vec!["sh"],
        ..Config::default()
    };
    Recipe::scratch(config).system_files().shell()
}
