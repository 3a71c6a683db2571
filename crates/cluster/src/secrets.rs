//! Keeps secrets out of texts: what a command line, a plugin's words or an address must not carry to a reader.

/// What stands in place of a secret.
const HIDDEN: &str = "…";
/// Words in the name of an option or variable whose value is not for readers.
const NAMES: [&str; 5] = ["secret", "token", "password", "passphrase", "key"];
/// Shorter values hide nothing worth hiding, and would tear holes into every text.
const SHORTEST: usize = 4;

/// Whether the value under this name is a secret.
pub(crate) fn is_secret(name: &str) -> bool {
    let name = name.to_lowercase();
    NAMES.iter().any(|word| name.contains(word))
}

/// The arguments of a command, with the values of secret options hidden; and those values.
pub(crate) fn hide_arguments(arguments: &[String]) -> (Vec<String>, Vec<String>) {
    let (mut shown, mut secrets) = (Vec::new(), Vec::new());
    let mut is_next_secret = false;
    for argument in arguments {
        let is_option = argument.starts_with('-');
        match argument.split_once('=') {
            Some((name, value)) if is_option && is_secret(name) => {
                shown.push(format!("{name}={HIDDEN}"));
                secrets.push(value.to_owned());
            }
            _ if is_next_secret && !is_option => {
                shown.push(HIDDEN.to_owned());
                secrets.push(argument.clone());
            }
            _ => shown.push(argument.clone()),
        }
        is_next_secret = is_option && !argument.contains('=') && is_secret(argument);
    }
    (shown, secrets)
}

/// `text` without these secrets, and without anything that looks like a signed token.
pub(crate) fn hide(text: &str, secrets: &[String]) -> String {
    let known = secrets.iter().filter(|secret| secret.len() >= SHORTEST);
    let text = known.fold(text.to_owned(), |text, secret| text.replace(secret, HIDDEN));
    hide_tokens(&text)
}

/// Signed tokens begin with `eyJ`, which is `{"` in base64.
fn hide_tokens(text: &str) -> String {
    let is_of_token =
        |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '.' | '-' | '_' | '=');
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("eyJ") {
        let (before, token) = rest.split_at(at);
        let end = token.find(|letter| !is_of_token(letter)).unwrap_or(token.len());
        shown.push_str(before);
        shown.push_str(if end > 20 { HIDDEN } else { &token[..end] });
        rest = &token[end..];
    }
    shown + rest
}

/// An address without the user and password that it may carry.
pub(crate) fn without_user(address: &str) -> String {
    let Some((scheme, rest)) = address.split_once("://") else {
        return address.to_owned();
    };
    let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let place = authority.rsplit_once('@').map_or(authority, |(_, place)| place);
    format!("{scheme}://{place}{path}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_of_secret_options_are_hidden() {
        let arguments = [
            "get-token",
            "--client-secret=hunter2",
            "--token",
            "abcd",
            "--user",
            "jane",
            "--key-file",
            "-v",
        ];
        let (shown, secrets) = hide_arguments(&arguments.map(str::to_owned));
        assert_eq!(
            shown.join(" "),
            "get-token --client-secret=… --token … --user jane --key-file -v"
        );
        assert_eq!(secrets, ["hunter2", "abcd"]);
    }

    #[test]
    fn secrets_and_signed_tokens_are_hidden_in_a_text() {
        let text = "bad password hunter2 for a; sent eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJqYW5lIn0.c2ln, got eyJ";
        let shown = hide(text, &["hunter2".to_owned(), "a".to_owned()]);
        assert_eq!(shown, "bad password … for a; sent …, got eyJ");
    }

    #[test]
    fn an_address_loses_its_user() {
        for (address, shown) in [
            (
                "http://jane:hunter2@proxy.example:3128/x@y",
                "http://proxy.example:3128/x@y",
            ),
            ("https://one.example:6443", "https://one.example:6443"),
            ("no address", "no address"),
        ] {
            assert_eq!(without_user(address), shown);
        }
    }
}
