//! The project's own chores: `cargo run -p xtask -- codegen` makes what is made from the Rust types; with `--check` it
//! only says whether that is up to date.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::{env, fs};

use anyhow::{Context, Result};
use serde_json::json;

fn main() -> Result<ExitCode> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments.as_slice() {
        ["codegen"] => write(&made()?),
        ["codegen", "--check"] => Ok(check(&made()?)),
        _ => {
            say("usage: xtask codegen [--check]");
            Ok(ExitCode::from(2))
        }
    }
}

/// A file that is made, and what it holds.
struct Made {
    path: PathBuf,
    text: String,
}

fn made() -> Result<Vec<Made>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .context("the project has a folder")?;
    let made = |path: &str, text: String| Made {
        path: root.join(path),
        text,
    };
    Ok(vec![
        made("ui/src/ipc/types/generated.ts", bridge::codegen::typescript()),
        made("src-tauri/commands.json", pretty(&json!(commands()))?),
        made("src-tauri/capabilities/main.json", pretty(&capability())?),
    ])
}

fn commands() -> Vec<&'static str> {
    let mut all: Vec<&str> = bridge::COMMANDS
        .iter()
        .chain(bridge::STREAMS)
        .chain(&bridge::CHANNELS)
        .copied()
        .collect();
    all.sort_unstable();
    all
}

/// The window may call our commands, hear that its own events happened, and nothing else.
fn capability() -> serde_json::Value {
    let permissions: Vec<String> = commands()
        .iter()
        .map(|command| format!("allow-{}", command.replace('_', "-")))
        .collect();
    json!({
        "identifier": "main",
        "description": "What the window may ask for: the commands of Taskwright, none of Tauri's own.",
        "windows": ["main"],
        "permissions": permissions,
    })
}

fn pretty(value: &serde_json::Value) -> Result<String> {
    Ok(serde_json::to_string_pretty(value)? + "\n")
}

fn write(files: &[Made]) -> Result<ExitCode> {
    for file in files {
        if let Some(folder) = file.path.parent() {
            fs::create_dir_all(folder)?;
        }
        fs::write(&file.path, &file.text).with_context(|| format!("cannot write {}", file.path.display()))?;
        say(&format!("wrote {}", file.path.display()));
    }
    Ok(ExitCode::SUCCESS)
}

fn check(files: &[Made]) -> ExitCode {
    let mut stale = false;
    for file in files {
        if fs::read_to_string(&file.path).ok().as_deref() != Some(&file.text) {
            say(&format!(
                "{} is not up to date: run `cargo run -p xtask -- codegen`",
                file.path.display()
            ));
            stale = true;
        }
    }
    if stale {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    }
}

#[expect(clippy::print_stderr, reason = "it is a command")]
fn say(text: &str) {
    eprintln!("{text}");
}
