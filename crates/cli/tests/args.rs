//! The command line as people read it: the reference of every command, and what is refused.

use clap::{CommandFactory, Parser};
use cli::args::{Cli, Command};

/// The reference holds the help of every command. To bring the page up to date:
/// `cargo run -p cli -- reference > docs/cli.md`.
#[test]
fn the_reference_is_what_the_program_says() {
    let page = include_str!("../../../docs/cli.md");
    let says = cli::args::reference();
    for (number, (written, said)) in page.lines().zip(says.lines()).enumerate() {
        assert_eq!(written, said, "docs/cli.md, line {}", number + 1);
    }
    assert_eq!(page.len(), says.len(), "docs/cli.md ends elsewhere");
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
