//! Tokens in the keyring of the system, one for each platform.

use keyring::v1::Entry;

use super::address::Address;
use super::token::Token;

/// The name under which keyrings show the tokens.
const SERVICE: &str = "taskwright";

/// Why the keyring did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum KeyringError {
    /// There is none, or it is locked.
    #[error("the keyring of this system does not answer: {0}; unlock it, or use a token file")]
    Closed(String),
    /// What it holds is no token.
    #[error("the keyring holds something else than a token; store the token again")]
    Shape,
}

/// The token of a platform, if the keyring has one.
pub(super) async fn load(address: &Address) -> Result<Option<Token>, KeyringError> {
    let password = asked(address, |entry| match entry.get_password() {
        Err(keyring::Error::NoEntry) => Ok(None),
        answer => answer.map(Some),
    });
    let password = password.await?;
    let token = password.map(|password| Token::new(&password));
    token.transpose().map_err(|_| KeyringError::Shape)
}

/// Keeps a token for a platform.
pub async fn store(address: &Address, token: &Token) -> Result<(), KeyringError> {
    let token = token.clone();
    asked(address, move |entry| entry.set_password(token.secret())).await
}

/// Removes the token of a platform; that there is none is no error.
pub async fn forget(address: &Address) -> Result<(), KeyringError> {
    asked(address, |entry| match entry.delete_credential() {
        Err(keyring::Error::NoEntry) => Ok(()),
        answer => answer,
    })
    .await
}

/// Asks the keyring on a thread that may wait: the user may have to unlock it.
async fn asked<T: Send + 'static>(
    address: &Address,
    ask: impl FnOnce(Entry) -> keyring::Result<T> + Send + 'static,
) -> Result<T, KeyringError> {
    let origin = address.origin().to_owned();
    let asked = tokio::task::spawn_blocking(move || ask(Entry::new(SERVICE, &origin)?));
    match asked.await {
        Ok(answer) => answer.map_err(|error| KeyringError::Closed(error.to_string())),
        Err(error) => Err(KeyringError::Closed(error.to_string())),
    }
}
