//! The reference of the command line in Markdown: a fixed head, then the help of every command.

use clap::CommandFactory;

use super::Cli;

const HEAD: &str = "\
# Command line

`taskwright reference` prints this page; a test compares the two.

## Where output goes

Results go to standard output; progress, timelines, problems and errors go to standard error. With `--output json`
results are JSON: `preview` prints the log of the boot, one event on each line, and other commands print one document.
With `--exec`, standard output belongs to the command in the seat, so the log goes to standard error.
Errors are `error:` and `hint:` lines, or with `--output json` one line `{\"error\": {\"code\", \"message\", \"hints\"}}`.

## Exit codes

| code | meaning |
|---|---|
| 0 | done |
| 1 | the bundle has problems, its lock has drifted (`lock --check`), it may not be exported (`export`) or used (`verify`, `pull`), the boot failed, or a thing of this name does not exist |
| 2 | the command line cannot be understood, or needs an answer nobody can give |
| 3 | the host or a registry cannot be reached, or forbids something; a step of `doctor` failed |
| 4 | the sandbox has a problem |
| 130 | cancelled with Ctrl-C; 128 and its number for other signals |

A shell or `--exec` passes on its own code.

## Which host

`--host`, else `defaultHost` of the settings, else the sandbox if it is up, else the current context of the
kubeconfigs if it answers. When there is none, `preview` offers to start the sandbox: it asks on a terminal, does it
with `--yes`, and ends with code 2 otherwise.

## While a preview boots

Ctrl-C stops the boot and removes what it made. Ctrl-C again leaves at once and names the command that removes the
rest. A boot that failed keeps what exists for inspection, unless `--rm` was given.

## In the shell

`Ctrl-]` leaves the shell and keeps the preview; `--detach-keys` or `TASKWRIGHT_DETACH_KEYS` change the keys. When the
connection drops, its reason is shown and it is made again, as a new shell; Ctrl-C gives up. After Ctrl-C under a flood
of output, what is still on its way is skipped and `[… 12.3 MB skipped]` says so.

## Environment

| variable | meaning |
|---|---|
| `DOCKER_CONFIG` | the folder of `docker login`'s `config.json`, instead of `~/.docker` |
| `KUBECONFIG` | kubeconfig files, read before `~/.kube/config` |
| `TASKWRIGHT_CONFIG` | the settings file, instead of `taskwright/config.yaml` in the folder for settings |
| `TASKWRIGHT_DETACH_KEYS` | as `--detach-keys` |
| `TASKWRIGHT_LOG` | a filter for the log on standard error, such as `preview=trace` |
| `NO_COLOR` | no colour when set |

## Commands
";

/// The page.
pub fn reference() -> String {
    let mut page = HEAD.to_owned();
    let mut command = Cli::command().term_width(100);
    command.build();
    add(&mut command, "taskwright", &mut page);
    page
}

fn add(command: &mut clap::Command, path: &str, page: &mut String) {
    let help = command.render_help().to_string();
    let help: Vec<&str> = help.lines().map(str::trim_end).collect();
    let section = format!("\n### {path}\n\n```text\n{}\n```\n", help.join("\n").trim_end());
    page.push_str(&section);
    for below in command.get_subcommands_mut().filter(|below| !below.is_hide_set()) {
        let path = format!("{path} {}", below.get_name());
        add(below, &path, page);
    }
}
