//! Declares every command to Tauri's access control: what is not in `commands.json` cannot be called from the window.

use std::error::Error;

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=commands.json");
    let commands: Vec<String> = serde_json::from_str(&std::fs::read_to_string("commands.json")?)?;
    // Tauri wants them for as long as the build script runs.
    let commands: Vec<&'static str> = commands.into_iter().map(|name| &*name.leak()).collect();
    let manifest = tauri_build::AppManifest::new().commands(commands.leak());
    tauri_build::try_build(tauri_build::Attributes::new().app_manifest(manifest))?;
    Ok(())
}
