//! `login` and `logout`: the token for a platform in the keyring of the system.

use std::io::{IsTerminal, Read};

use api::exports::{self, Token};
use api::{Code, Error};
use serde::Serialize;

use super::Outcome;
use crate::args::{Login, Logout};
use crate::console::Console;
use crate::exit::Exit;
use crate::halt::Halt;

/// Longer than any token.
const LONGEST: u64 = 16 << 10;

/// What was done, without the token.
#[derive(Serialize)]
struct Kept {
    platform: String,
}

/// Keeps a token.
pub(super) async fn run(console: Console, args: Login) -> Outcome {
    let token = ask(&args.platform)?;
    let platform = exports::keep_token(&args.platform, &token).await?;
    let line = format!("the keyring of this system has the token for {platform}");
    console.result(&Kept { platform }, |_| vec![line])?;
    Ok(Exit::Done)
}

/// Forgets a token.
pub(super) async fn out(console: Console, args: Logout) -> Outcome {
    let platform = exports::forget_token(&args.platform).await?;
    let line = format!("the keyring of this system has no token for {platform} any more");
    console.result(&Kept { platform }, |_| vec![line])?;
    Ok(Exit::Done)
}

/// The token: typed without being shown, or all of standard input when that is no terminal.
fn ask(platform: &str) -> Result<Token, Halt> {
    let text = if std::io::stdin().is_terminal() {
        rpassword::prompt_password(format!("token for {platform} (it is not shown): "))?
    } else {
        let mut text = String::new();
        std::io::stdin().take(LONGEST).read_to_string(&mut text)?;
        text
    };
    Token::new(&text).map_err(|error| Error::of(Code::Usage, &error).into())
}
