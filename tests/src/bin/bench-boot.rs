//! Measures the time from nothing to a prompt: Taskwright against a script of the field's tools, in turns, on the
//! sandbox that is up. `scripts/bench.sh boot` runs it and names everything it needs.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use e2e::{binary, host};

fn main() -> Result<()> {
    let pairs: usize = argument(1).context("how many pairs")?.parse()?;
    let script = argument(2).context("the other side's script")?;
    let templates = argument(3).context("the folder of templates")?;
    for template in ["blank", "postgres-recovery"] {
        let mut ratios = Vec::new();
        let (mut ours, mut tools) = (Vec::new(), Vec::new());
        for pair in 0..pairs {
            // In turns, and each side first as often as the other, so that a slow minute hits both.
            let (one, other) = if pair % 2 == 0 {
                let one = with_taskwright(&Path::new(&templates).join(template))?;
                (one, with_tools(&script, template, pair)?)
            } else {
                let other = with_tools(&script, template, pair)?;
                (with_taskwright(&Path::new(&templates).join(template))?, other)
            };
            report(&format!("{template} pair {}", pair + 1), one, other);
            ratios.push(one.as_secs_f64() / other.as_secs_f64());
            ours.push(one.as_secs_f64());
            tools.push(other.as_secs_f64());
        }
        print(&format!(
            "{template}: taskwright {:.1} s, tools {:.1} s, ratio {:.2} (medians of {pairs})",
            median(&mut ours),
            median(&mut tools),
            median(&mut ratios)
        ));
    }
    Ok(())
}

fn argument(index: usize) -> Option<String> {
    std::env::args().nth(index)
}

fn report(what: &str, ours: Duration, tools: Duration) {
    print(&format!(
        "{what}: taskwright {:.1} s, tools {:.1} s",
        ours.as_secs_f64(),
        tools.as_secs_f64()
    ));
}

#[expect(clippy::print_stdout, reason = "a benchmark prints its figures")]
fn print(line: &str) {
    println!("{line}");
}

/// Boots, runs one command at the prompt, stops the clock, and removes the preview.
fn with_taskwright(bundle: &Path) -> Result<Duration> {
    let began = Instant::now();
    let output = Command::new(binary())
        .arg("preview")
        .arg(bundle)
        .args(["--host", host::CONTEXT, "--output", "json", "--exec", "true"])
        .stdin(Stdio::null())
        .output()?;
    let took = began.elapsed();
    // Standard output belongs to the command at the prompt.
    let log = String::from_utf8_lossy(&output.stderr);
    let id = e2e::id_of(&e2e::events(&log))?;
    let down = e2e::run(e2e::taskwright(&["down", &id, "--host", host::CONTEXT]))?;
    ensure!(output.status.success(), "the boot failed: {log}");
    down.expect(0)?;
    Ok(took)
}

fn with_tools(script: &str, template: &str, pair: usize) -> Result<Duration> {
    let id = format!("b{pair}");
    let began = Instant::now();
    let status = Command::new(script)
        .args([template, &id])
        .stdin(Stdio::null())
        .status()?;
    let took = began.elapsed();
    let down = Command::new(script).args(["down", &id]).status()?;
    ensure!(status.success() && down.success(), "the script failed");
    Ok(took)
}

fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}
