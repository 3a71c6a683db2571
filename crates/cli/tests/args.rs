//! The command line as people read it: the help of every command, and what is refused.

use clap::{CommandFactory, Parser};
use cli::args::{Cli, Command};

/// The help of a command and of all below it, each under its name.
fn helps(command: &mut clap::Command, path: &str, all: &mut Vec<(String, String)>) {
    all.push((path.to_owned(), command.render_long_help().to_string()));
    let names: Vec<String> = command
        .get_subcommands()
        .map(|below| below.get_name().to_owned())
        .collect();
    for name in names {
        if let Some(below) = command.find_subcommand_mut(&name) {
            helps(below, &format!("{path} {name}"), all);
        }
    }
}

#[test]
fn every_command_explains_itself() {
    let mut all = Vec::new();
    let mut command = Cli::command().term_width(100);
    command.build();
    helps(&mut command, "taskwright", &mut all);
    let text: Vec<String> = all
        .iter()
        .map(|(path, help)| format!("$ {path} --help\n{help}"))
        .collect();
    insta::assert_snapshot!(text.join("\n"));
}

#[test]
fn arguments_are_consistent() {
    Cli::command().debug_assert();
}

fn parse(line: &str) -> Result<Cli, clap::Error> {
    Cli::try_parse_from(line.split(' '))
}

#[test]
fn what_follows_exec_belongs_to_the_command() {
    let cli = parse("taskwright preview my-task --rm --exec kubectl get pods -A").unwrap();
    let Command::Preview(preview) = cli.command else {
        panic!("not a preview")
    };
    assert_eq!(preview.exec.unwrap(), ["kubectl", "get", "pods", "-A"]);
    assert!(preview.rm);
}

#[test]
fn what_cannot_be_meant_is_refused() {
    for line in [
        "taskwright",
        "taskwright down",
        "taskwright down a-bcdef --all",
        "taskwright shell",
        "taskwright new",
        "taskwright sandbox",
        "taskwright sandbox up --nodes control=0",
        "taskwright preview --detach-keys ctrl-",
        "taskwright preview --output yaml",
    ] {
        assert!(parse(line).is_err(), "{line}");
    }
}

#[test]
fn check_takes_several_bundles_and_both_spellings_of_the_format() {
    let cli = parse("taskwright check one two --output sarif").unwrap();
    let Command::Check(check) = cli.command else {
        panic!("not a check")
    };
    assert_eq!(check.bundles.len(), 2);
    assert_eq!(check.format, cli::args::CheckFormat::Sarif);
    assert!(parse("taskwright check --format github").is_ok());
}
