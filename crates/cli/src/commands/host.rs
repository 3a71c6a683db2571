//! Which host a command uses, and the offer to start the sandbox where there is none.

use std::io::{self, BufRead, IsTerminal, Write};

use api::hosts::{self, Choice, Host};
use api::sandbox::{Consent as SandboxConsent, UpOptions};
use api::{Code, Error};

use crate::args::HostArg;
use crate::console::Console;
use crate::halt::Halt;

/// Whether the sandbox may be started without asking.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Consent {
    /// Ask, if somebody is there to answer.
    Ask,
    /// It was given on the command line.
    Given,
}

/// The host to boot on; the sandbox is started for it where there is none, with consent.
pub(super) async fn choose(console: Console, wanted: &HostArg, consent: Consent) -> Result<Host, Halt> {
    match hosts::choose(wanted.host.as_deref()).await? {
        Choice::Host(host) => Ok(*host),
        Choice::OfferSandbox { reason } => {
            if consent == Consent::Ask {
                ask(console, &reason)?;
            }
            let options = UpOptions {
                consent: SandboxConsent::Given,
                ..UpOptions::default()
            };
            super::sandbox::start(console, options).await?;
            Ok(hosts::require(wanted.host.as_deref()).await?)
        }
    }
}

/// The host of a command that has nothing to start.
pub(super) async fn require(wanted: &HostArg) -> Result<Host, Halt> {
    Ok(hosts::require(wanted.host.as_deref()).await?)
}

const OFFER: &str = "\
Taskwright can start a host cluster on this machine, the sandbox. It needs root and some 4 GB of disk, installs
missing Debian packages, and builds its programs: about a quarter of an hour the first time, half a minute later.
`taskwright sandbox down` removes it.";

fn ask(console: Console, reason: &str) -> Result<(), Halt> {
    if !(io::stdin().is_terminal() && console.err_is_terminal) {
        let message =
            format!("no host can be reached ({reason}), and nobody is there to be asked about the sandbox");
        let error = Error::new(Code::Usage, message);
        let error = error
            .hint("say --yes to start the sandbox on this machine")
            .hint("or name a host with --host");
        return Err(error.into());
    }
    console.error_line(&format!("no host can be reached: {reason}\n{OFFER}"))?;
    write!(io::stderr(), "Start it? [y/N] ")?;
    let mut answer = String::new();
    io::stdin().lock().read_line(&mut answer)?;
    match answer.trim().to_lowercase().as_str() {
        "y" | "yes" => Ok(()),
        _ => Err(Error::new(Code::Cancelled, "not started")
            .hint("name a host with --host")
            .into()),
    }
}
