//! Who we are to a registry: what `docker login` left, in its settings or with the program that keeps passwords.

use std::collections::HashMap;
use std::fmt;
use std::io;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use thiserror::Error;
use tokio::io::AsyncWriteExt as _;
use tokio::process::Command;

/// A person may be asked by the program that keeps passwords.
const PATIENCE: Duration = Duration::from_mins(1);
/// What such a program says when it knows nothing of a registry.
const UNKNOWN: &str = "credentials not found";

/// Who we are.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Credentials {
    /// Nobody.
    Anonymous,
    /// A name with its password.
    Password {
        /// The name.
        name: String,
        /// The password.
        password: String,
    },
    /// A token that stands for a person, to be changed for tokens that open something.
    Identity(String),
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Anonymous => "Anonymous",
            Self::Password { .. } => "Password(…)",
            Self::Identity(_) => "Identity(…)",
        })
    }
}

/// Why it is not known who we are. No password is in here.
#[derive(Debug, Error)]
pub enum CredentialsError {
    /// The settings of `docker login` cannot be used.
    #[error("`{path}` cannot be read as settings of `docker login`: {reason}; mend it or log in again")]
    Settings {
        /// Their file.
        path: String,
        /// Why.
        reason: String,
    },
    /// The program that keeps passwords fails.
    #[error(
        "`{program}` does not give the password of `{registry}`: {reason}; log in again with `docker login {registry}`"
    )]
    Keeper {
        /// The program.
        program: String,
        /// The registry.
        registry: String,
        /// Why.
        reason: String,
    },
}

/// The settings of `docker login`.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Settings {
    auths: HashMap<String, Login>,
    cred_helpers: HashMap<String, String>,
    creds_store: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Login {
    auth: String,
    username: String,
    password: String,
    identitytoken: String,
}

/// What a program that keeps passwords answers.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Kept {
    username: String,
    secret: String,
}

/// Who we are to a registry, as the settings in a folder say.
pub(crate) async fn find(folder: Option<&Path>, registry: &str) -> Result<Credentials, CredentialsError> {
    let Some(path) = folder.map(|folder| folder.join("config.json")) else {
        return Ok(Credentials::Anonymous);
    };
    let refuse = |reason: String| CredentialsError::Settings {
        path: path.display().to_string(),
        reason,
    };
    let content = match std::fs::read(&path) {
        Ok(content) => content,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Credentials::Anonymous),
        Err(error) => return Err(refuse(error.to_string())),
    };
    // The words of the reader could repeat what it read: only the place is told.
    let settings: Settings = serde_json::from_slice(&content)
        .map_err(|error| refuse(format!("line {}, column {}", error.line(), error.column())))?;
    let keys = keys(registry);
    let helper = keys.iter().find_map(|key| settings.cred_helpers.get(key));
    let store = Some(&settings.creds_store).filter(|store| !store.is_empty());
    if let Some(helper) = helper.or(store)
        && let Some(found) = ask(helper, registry, &keys).await?
    {
        return Ok(found);
    }
    let login = keys.iter().find_map(|key| settings.auths.get(key));
    login.map_or(Ok(Credentials::Anonymous), |login| {
        login
            .credentials()
            .ok_or_else(|| refuse(format!("the entry of `{registry}` is damaged")))
    })
}

impl Login {
    fn credentials(&self) -> Option<Credentials> {
        if !self.identitytoken.is_empty() {
            return Some(Credentials::Identity(self.identitytoken.clone()));
        }
        if self.auth.is_empty() {
            return Some(named(&self.username, &self.password));
        }
        let decoded = STANDARD.decode(self.auth.trim()).ok()?;
        let decoded = String::from_utf8(decoded).ok()?;
        let (name, password) = decoded.split_once(':')?;
        Some(named(name, password))
    }
}

fn named(name: &str, password: &str) -> Credentials {
    match name {
        "" => Credentials::Anonymous,
        "<token>" => Credentials::Identity(password.to_owned()),
        name => Credentials::Password {
            name: name.to_owned(),
            password: password.trim_end_matches('\0').to_owned(),
        },
    }
}

/// The names that a registry goes by in the settings.
fn keys(registry: &str) -> Vec<String> {
    if is_docker_hub(registry) {
        let hub = ["https://index.docker.io/v1/", "index.docker.io", "docker.io"];
        return hub.map(str::to_owned).to_vec();
    }
    ["", "https://", "http://"]
        .iter()
        .flat_map(|scheme| ["", "/", "/v2/", "/v1/"].map(|end| format!("{scheme}{registry}{end}")))
        .collect()
}

/// Docker's own registry has a name, an address and a key that all differ.
pub(crate) fn is_docker_hub(registry: &str) -> bool {
    matches!(registry, "docker.io" | "index.docker.io" | "registry-1.docker.io")
}

/// Asks the program that keeps passwords; nothing when it knows none.
async fn ask(helper: &str, registry: &str, keys: &[String]) -> Result<Option<Credentials>, CredentialsError> {
    let program = format!("docker-credential-{helper}");
    let refuse = |reason: String| CredentialsError::Keeper {
        program: program.clone(),
        registry: registry.to_owned(),
        reason,
    };
    // A name with a slash would be a path, and start some other program.
    if helper.contains(['/', '\\']) {
        return Err(refuse("that is no name of a program".to_owned()));
    }
    for key in keys.iter().take(2) {
        let asked = tokio::time::timeout(PATIENCE, run(&program, key)).await;
        let (is_found, output) = asked
            .map_err(|_| refuse("it does not answer".to_owned()))?
            .map_err(|error| refuse(error.to_string()))?;
        if is_found {
            let kept: Kept = serde_json::from_slice(&output)
                .map_err(|_| refuse("its answer cannot be read".to_owned()))?;
            return Ok(Some(named(&kept.username, &kept.secret)));
        }
        let said = String::from_utf8_lossy(&output);
        if !said.to_lowercase().contains(UNKNOWN) {
            return Err(refuse(said.trim().chars().take(200).collect()));
        }
    }
    Ok(None)
}

async fn run(program: &str, key: &str) -> io::Result<(bool, Vec<u8>)> {
    let mut child = Command::new(program)
        .arg("get")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()?;
    if let Some(mut input) = child.stdin.take() {
        input.write_all(key.as_bytes()).await?;
    }
    let output = child.wait_with_output().await?;
    Ok((output.status.success(), output.stdout))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    async fn found(settings: &str, registry: &str) -> Result<Credentials, CredentialsError> {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("config.json"), settings).unwrap();
        find(Some(folder.path()), registry).await
    }

    fn password(name: &str, password: &str) -> Credentials {
        Credentials::Password {
            name: name.to_owned(),
            password: password.to_owned(),
        }
    }

    #[tokio::test]
    async fn a_login_is_found_by_each_name_of_its_registry() {
        let auth = STANDARD.encode("me:pass:word");
        for (key, registry) in [
            ("r.example.org:5000", "r.example.org:5000"),
            ("https://r.example.org", "r.example.org"),
            ("https://r.example.org/v2/", "r.example.org"),
            ("https://index.docker.io/v1/", "docker.io"),
        ] {
            let settings = format!(r#"{{"auths": {{"{key}": {{"auth": "{auth}"}}}}, "HttpHeaders": {{}}}}"#);
            let credentials = found(&settings, registry).await.unwrap();
            assert_eq!(credentials, password("me", "pass:word"), "{key}");
            assert_eq!(found(&settings, "other").await.unwrap(), Credentials::Anonymous);
        }
        let token = r#"{"auths": {"r": {"identitytoken": "t", "auth": "bWU6"}}}"#;
        assert_eq!(
            found(token, "r").await.unwrap(),
            Credentials::Identity("t".to_owned())
        );
        assert_eq!(find(None, "r").await.unwrap(), Credentials::Anonymous);
    }

    /// Run by the test below in a process of its own, whose `PATH` leads to a keeper.
    #[tokio::test]
    #[ignore = "the other side of `a_keeper_of_passwords_is_asked`"]
    async fn ask_in_another_process() {
        let of = |registry| async move { found(r#"{"credsStore": "fake"}"#, registry).await };
        assert_eq!(of("r.example.org").await.unwrap(), password("me", "open sesame"));
        assert_eq!(
            of("token.example.org").await.unwrap(),
            Credentials::Identity("secret".to_owned())
        );
        assert_eq!(of("other.example.org").await.unwrap(), Credentials::Anonymous);
        let error = of("broken.example.org").await.unwrap_err().to_string();
        assert!(
            error.contains("docker login") && error.contains("locked"),
            "{error}"
        );
    }

    #[test]
    #[cfg(unix)]
    fn a_keeper_of_passwords_is_asked() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let keeper = folder.path().join("docker-credential-fake");
        let script = r#"#!/bin/sh
test "$1" = get || exit 2
case $(cat) in
  r.example.org) echo '{"ServerURL": "r.example.org", "Username": "me", "Secret": "open sesame"}' ;;
  token.example.org) echo '{"Username": "<token>", "Secret": "secret"}' ;;
  broken.example.org) echo 'the keyring is locked'; exit 1 ;;
  *) echo 'credentials not found in native keychain'; exit 1 ;;
esac
"#;
        fs::write(&keeper, script).unwrap();
        fs::set_permissions(&keeper, fs::Permissions::from_mode(0o755)).unwrap();
        let path = std::env::var("PATH").unwrap();
        let run = std::process::Command::new(std::env::current_exe().unwrap())
            .args([
                "--exact",
                "oci::credentials::tests::ask_in_another_process",
                "--ignored",
            ])
            .env("PATH", format!("{}:{path}", folder.path().display()))
            .output()
            .unwrap();
        let told = String::from_utf8_lossy(&run.stdout);
        assert!(run.status.success() && told.contains("1 passed"), "{told}");
    }

    #[tokio::test]
    async fn broken_settings_tell_no_secrets() {
        for settings in [
            r#"{"auths": {"r": {"auth": "c2VjcmV0"}}}"#,
            r#"{"auths": {"r": {"auth": "secret!"}}}"#,
            r#"{"auths": {"r": {"password": 7, "username": "secret"}}}"#,
            r#"{"auths": "secret"#,
            r#"{"credsStore": "../secret"}"#,
            r#"{"credHelpers": {"r": "taskwright-is-not-there"}}"#,
        ] {
            let error = found(settings, "r").await.unwrap_err();
            let told = format!("{error} {error:?}").replace("../secret", "");
            assert!(!told.contains("secret") && !told.contains("c2VjcmV0"), "{told}");
        }
        let shown = format!("{:?}", password("me", "secret"));
        assert!(!shown.contains("secret"), "{shown}");
    }
}
