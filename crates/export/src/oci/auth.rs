//! Tokens: what a registry wants to see with each request, asked for once for each repository.

use std::collections::BTreeMap;
use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use oci_client::client::{ClientConfig, ClientProtocol};
use oci_client::errors::OciDistributionError;
use oci_client::secrets::RegistryAuth;
use oci_client::{Client, Reference, RegistryOperation};
use reqwest::header::{CONTENT_TYPE, WWW_AUTHENTICATE};
use reqwest::{StatusCode, Url};
use serde::Deserialize;
use tokio::sync::Mutex;

use super::credentials::Credentials;
use super::error::OciError;
use super::registry::{CONNECT, READ, Scope, header, unreachable};

/// Who we are to one registry, and the tokens that it gave us for that.
pub(crate) struct Auth {
    registry: String,
    base: Url,
    http: reqwest::Client,
    client: Client,
    known: Credentials,
    /// The value of the header by repository and operation; nothing for a registry that does not want to know.
    tokens: Mutex<BTreeMap<(String, RegistryOperation), Option<String>>>,
}

impl fmt::Debug for Auth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.known.fmt(f)
    }
}

/// What a registry gives for an identity.
#[derive(Deserialize)]
struct Given {
    #[serde(alias = "token")]
    access_token: String,
}

impl Auth {
    pub(crate) fn new(registry: &str, base: Url, http: reqwest::Client, known: Credentials) -> Self {
        let protocol = match base.scheme() {
            "http" => ClientProtocol::HttpsExcept(vec![registry.to_owned()]),
            _ => ClientProtocol::Https,
        };
        let client = Client::new(ClientConfig {
            protocol,
            connect_timeout: Some(CONNECT),
            read_timeout: Some(READ),
            ..ClientConfig::default()
        });
        Self {
            registry: registry.to_owned(),
            base,
            http,
            client,
            known,
            tokens: Mutex::default(),
        }
    }

    /// The value of the header that says who we are, if the registry wants to know.
    pub(crate) async fn header(&self, scope: Scope<'_>) -> Result<Option<String>, OciError> {
        let key = (scope.repository.to_owned(), scope.operation);
        if let Some(known) = self.tokens.lock().await.get(&key) {
            return Ok(known.clone());
        }
        let header = match &self.known {
            Credentials::Anonymous => self.ask(scope, &RegistryAuth::Anonymous).await?,
            Credentials::Password { name, password } => {
                let known = RegistryAuth::Basic(name.clone(), password.clone());
                let token = self.ask(scope, &known).await?;
                // A registry without tokens takes the password itself.
                token.or_else(|| Some(format!("Basic {}", STANDARD.encode(format!("{name}:{password}")))))
            }
            Credentials::Identity(identity) => self.exchange(scope, identity).await?,
        };
        self.tokens.lock().await.insert(key, header.clone());
        Ok(header)
    }

    /// Forgets a token that is not taken any more.
    pub(crate) async fn forget(&self, scope: Scope<'_>) {
        let key = (scope.repository.to_owned(), scope.operation);
        self.tokens.lock().await.remove(&key);
    }

    async fn ask(&self, scope: Scope<'_>, known: &RegistryAuth) -> Result<Option<String>, OciError> {
        let repository = scope.repository.to_owned();
        let reference = Reference::with_tag(self.registry.clone(), repository, "latest".to_owned());
        let token = self.client.auth(&reference, known, scope.operation).await;
        let token = token.map_err(|error| match error {
            OciDistributionError::RequestError(source) => unreachable(&self.registry, source),
            error => self.refuse(in_one_line(&error)),
        })?;
        Ok(token.map(|token| format!("Bearer {token}")))
    }

    /// Changes the token that stands for a person for one that opens a repository.
    async fn exchange(&self, scope: Scope<'_>, identity: &str) -> Result<Option<String>, OciError> {
        let lost = |source| unreachable(&self.registry, source);
        let asked = self.http.get(self.base.clone()).send().await.map_err(lost)?;
        if asked.status() != StatusCode::UNAUTHORIZED {
            return Ok(None);
        }
        let challenge = header(asked.headers(), WWW_AUTHENTICATE.as_str()).unwrap_or_default();
        let realm = parameter(&challenge, "realm").and_then(|realm| Url::parse(realm).ok());
        let realm = realm.ok_or_else(|| self.refuse("it does not say where tokens are given".to_owned()))?;
        if realm.scheme() != "https" && self.base.scheme() == "https" {
            return Err(self.refuse("it wants the login sent without TLS".to_owned()));
        }
        let actions = match scope.operation {
            RegistryOperation::Pull => "pull",
            RegistryOperation::Push => "pull,push",
        };
        let mut form = Url::parse("form:").map_err(|error| self.refuse(error.to_string()))?;
        form.query_pairs_mut()
            .append_pair("grant_type", "refresh_token")
            .append_pair("client_id", "taskwright")
            .append_pair("service", parameter(&challenge, "service").unwrap_or_default())
            .append_pair("scope", &format!("repository:{}:{actions}", scope.repository))
            .append_pair("refresh_token", identity);
        let request = self.http.post(realm);
        let request = request.header(CONTENT_TYPE, "application/x-www-form-urlencoded");
        let body = form.query().unwrap_or_default().to_owned();
        let answer = request.body(body).send().await.map_err(lost)?;
        if !answer.status().is_success() {
            return Err(self.refuse(format!("HTTP {}", answer.status().as_u16())));
        }
        let bytes = answer.bytes().await.map_err(lost)?;
        let given: Given = serde_json::from_slice(&bytes)
            .map_err(|_| self.refuse("its answer cannot be read".to_owned()))?;
        Ok(Some(format!("Bearer {}", given.access_token)))
    }

    fn refuse(&self, reason: String) -> OciError {
        OciError::Token {
            registry: self.registry.clone(),
            reason,
        }
    }
}

/// A quoted parameter of a challenge such as `Bearer realm="…",service="…"`.
fn parameter<'a>(challenge: &'a str, name: &str) -> Option<&'a str> {
    let (_, rest) = challenge.split_once(&format!("{name}=\""))?;
    rest.split_once('"').map(|(value, _)| value)
}

/// An error with its sources: the first says the least.
fn in_one_line(error: &dyn std::error::Error) -> String {
    let chain = std::iter::successors(Some(error), |error| error.source()).map(ToString::to_string);
    let mut parts: Vec<String> = chain.collect();
    parts.dedup();
    let line = parts.join(": ");
    line.chars().filter(|c| !c.is_control()).take(300).collect()
}
