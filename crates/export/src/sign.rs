//! Signatures over exported bundles: what is signed is the digest of the list of files, so that one signature holds for a file
//! and for an artifact in a registry.

use std::fmt;

use aws_lc_rs::encoding::{AsDer as _, PublicKeyX509Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1, ECDSA_P256_SHA256_ASN1_SIGNING, ED25519, EcdsaKeyPair, Ed25519KeyPair,
    KeyPair as _, ParsedPublicKey,
};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rustls_pki_types::pem::PemObject as _;
use rustls_pki_types::{PrivatePkcs8KeyDer, SubjectPublicKeyInfoDer};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::digest;
use crate::problem::Problem;

/// The version of the signature's format.
const FORMAT: u32 = 1;
/// What is signed begins with this, so that no signature made for something else is taken for one of ours.
const CONTEXT: &str = "taskwright.dev/signature/v1";
/// More than any signature file has.
pub const LIMIT: u64 = 16 << 10;
/// What the name of a signature's file ends with, after the archive's own.
pub const SUFFIX: &str = ".sig";

/// Ways to sign.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Algorithm {
    /// Edwards curve 25519.
    Ed25519,
    /// The curve P-256 with SHA-256.
    EcdsaP256Sha256,
}

/// Why a key cannot be used. Nothing of the key's file is in here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum KeyError {
    /// There is no private key in PEM form.
    #[error(
        "it holds no private key in PKCS#8 form (`BEGIN PRIVATE KEY`); make one with `openssl genpkey -algorithm ed25519`, or convert an older one with `openssl pkcs8 -topk8 -nocrypt`"
    )]
    NoPrivateKey,
    /// It is protected by a passphrase.
    #[error(
        "the private key is encrypted; decrypt it with `openssl pkcs8 -topk8 -nocrypt` for as long as it is used"
    )]
    Encrypted,
    /// There is no public key in PEM form.
    #[error("it holds no public key (`BEGIN PUBLIC KEY`); get it with `openssl pkey -in KEY -pubout`")]
    NoPublicKey,
    /// It is a key of another kind.
    #[error("the key is neither Ed25519 nor ECDSA P-256; make one with `openssl genpkey -algorithm ed25519`")]
    Kind,
    /// The signing failed.
    #[error("the key refuses to sign; make another one with `openssl genpkey -algorithm ed25519`")]
    Sign,
}

/// A private key.
pub struct SigningKey {
    pair: Pair,
    public: VerifyingKey,
}

enum Pair {
    Ed25519(Ed25519KeyPair),
    P256(EcdsaKeyPair),
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigningKey")
            .field("id", &self.public.id)
            .finish_non_exhaustive()
    }
}

impl SigningKey {
    /// Reads a private key in PKCS#8 form from PEM.
    pub fn from_pem(pem: &[u8]) -> Result<Self, KeyError> {
        let Ok(der) = PrivatePkcs8KeyDer::from_pem_slice(pem) else {
            let is_encrypted = pem.windows(9).any(|window| window == b"ENCRYPTED");
            return Err(if is_encrypted {
                KeyError::Encrypted
            } else {
                KeyError::NoPrivateKey
            });
        };
        let der = der.secret_pkcs8_der();
        let pair = Ed25519KeyPair::from_pkcs8_maybe_unchecked(der)
            .map(Pair::Ed25519)
            .or_else(|_| EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, der).map(Pair::P256))
            .map_err(|_| KeyError::Kind)?;
        let public = pair.public_key().ok_or(KeyError::Kind)?;
        let public = VerifyingKey::from_der(&public)?;
        Ok(Self { pair, public })
    }

    /// Which key it is.
    pub fn id(&self) -> &str {
        self.public.id()
    }

    /// The signature of a digest that this key made before, or a new one: some kinds of keys never make the same one again.
    pub fn sign_once(&self, subject: &str, known: &[Vec<u8>]) -> Result<Signature, KeyError> {
        let known = known.iter().filter_map(|bytes| Signature::from_bytes(bytes).ok());
        let mut ours = known.filter(|one| self.public.verify(one, subject).is_ok());
        ours.next().map_or_else(|| self.sign(subject), Ok)
    }

    /// Signs a digest.
    pub fn sign(&self, subject: &str) -> Result<Signature, KeyError> {
        let message = message(subject);
        let (algorithm, signature) = match &self.pair {
            Pair::Ed25519(pair) => (Algorithm::Ed25519, pair.sign(&message).as_ref().to_vec()),
            Pair::P256(pair) => {
                let signed = pair.sign(&SystemRandom::new(), &message);
                let signed = signed.map_err(|_| KeyError::Sign)?;
                (Algorithm::EcdsaP256Sha256, signed.as_ref().to_vec())
            }
        };
        Ok(Signature {
            format: FORMAT,
            algorithm,
            key_id: self.public.id.clone(),
            subject: subject.to_owned(),
            signature: STANDARD.encode(signature),
        })
    }
}

impl Pair {
    fn public_key(&self) -> Option<Vec<u8>> {
        let der: PublicKeyX509Der<'_> = match self {
            Self::Ed25519(pair) => pair.public_key().as_der().ok()?,
            Self::P256(pair) => pair.public_key().as_der().ok()?,
        };
        Some(der.as_ref().to_vec())
    }
}

/// A public key.
pub struct VerifyingKey {
    algorithm: Algorithm,
    key: ParsedPublicKey,
    id: String,
}

impl fmt::Debug for VerifyingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VerifyingKey")
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}

impl VerifyingKey {
    /// Reads a public key from PEM.
    pub fn from_pem(pem: &[u8]) -> Result<Self, KeyError> {
        let der = SubjectPublicKeyInfoDer::from_pem_slice(pem).map_err(|_| KeyError::NoPublicKey)?;
        Self::from_der(&der)
    }

    fn from_der(der: &[u8]) -> Result<Self, KeyError> {
        let ed25519 = ParsedPublicKey::new(&ED25519, der).map(|key| (Algorithm::Ed25519, key));
        let p256 = |_| {
            ParsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, der).map(|key| (Algorithm::EcdsaP256Sha256, key))
        };
        let (algorithm, key) = ed25519.or_else(p256).map_err(|_| KeyError::Kind)?;
        Ok(Self {
            algorithm,
            key,
            id: key_id(der),
        })
    }

    /// Which key it is.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Whether a signature is one of this key over a digest.
    ///
    /// # Errors
    /// When it is not.
    pub fn verify(&self, signature: &Signature, subject: &str) -> Result<(), Problem> {
        let refuse = |reason: &str| Problem::Signature {
            reason: reason.to_owned(),
        };
        if signature.subject != subject {
            return Err(refuse("it is of another bundle"));
        }
        if signature.algorithm != self.algorithm {
            return Err(refuse("it was made with another kind of key"));
        }
        let bytes = STANDARD
            .decode(&signature.signature)
            .map_err(|_| refuse("it is damaged"))?;
        let verified = self.key.verify_sig(&message(subject), &bytes);
        verified.map_err(|_| refuse("it was not made with this key"))
    }
}

/// A signature, as it lies beside what it is of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Signature {
    /// The version of the format.
    pub format: u32,
    /// How it was made.
    pub algorithm: Algorithm,
    /// Which key it was made with: the digest of the public key.
    pub key_id: String,
    /// The digest that it is over.
    pub subject: String,
    /// Its bytes in base64.
    pub signature: String,
}

impl Signature {
    /// Its bytes in a file.
    pub fn to_bytes(&self) -> Vec<u8> {
        // Texts and one number: there is nothing in it that JSON cannot say.
        let mut bytes = serde_json::to_vec_pretty(self).unwrap_or_default();
        bytes.push(b'\n');
        bytes
    }

    /// Reads the bytes of a file.
    ///
    /// # Errors
    /// When they are no signature.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Problem> {
        let refuse = |reason: String| Problem::Signature { reason };
        if bytes.len() as u64 > LIMIT {
            return Err(refuse("its file is too large".to_owned()));
        }
        let signature: Self = serde_json::from_slice(bytes)
            .map_err(|error| refuse(format!("its file cannot be read: {error}")))?;
        if signature.format == FORMAT {
            Ok(signature)
        } else {
            Err(refuse(format!(
                "it has format {}, and this program knows {FORMAT}",
                signature.format
            )))
        }
    }
}

fn message(subject: &str) -> Vec<u8> {
    format!("{CONTEXT}\n{subject}\n").into_bytes()
}

fn key_id(public_key: &[u8]) -> String {
    digest::of(public_key)
}

#[cfg(test)]
pub(crate) mod tests {
    use std::process::Command;

    use super::*;

    /// Keys of the program that people make keys with.
    fn openssl(arguments: &[&str]) -> Vec<u8> {
        let folder = tempfile::tempdir().unwrap();
        let out = folder.path().join("out.pem");
        let status = Command::new("openssl")
            .args(arguments)
            .arg("-out")
            .arg(&out)
            .output();
        assert!(status.unwrap().status.success());
        std::fs::read(out).unwrap()
    }

    fn pair(arguments: &[&str]) -> (Vec<u8>, Vec<u8>) {
        let private = openssl(arguments);
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), &private).unwrap();
        let public = openssl(&["pkey", "-pubout", "-in", file.path().to_str().unwrap()]);
        (private, public)
    }

    /// A private key.
    pub(crate) fn ed25519() -> Vec<u8> {
        openssl(&ED25519_KEY)
    }

    const ED25519_KEY: [&str; 3] = ["genpkey", "-algorithm", "ed25519"];
    const P256_KEY: [&str; 5] = [
        "genpkey",
        "-algorithm",
        "EC",
        "-pkeyopt",
        "ec_paramgen_curve:P-256",
    ];
    const RSA_KEY: [&str; 3] = ["genpkey", "-algorithm", "RSA"];
    const P384_KEY: [&str; 5] = [
        "genpkey",
        "-algorithm",
        "EC",
        "-pkeyopt",
        "ec_paramgen_curve:P-384",
    ];

    #[test]
    fn both_kinds_of_keys_sign_and_nobody_else_does() {
        for arguments in [&ED25519_KEY[..], &P256_KEY[..]] {
            let (private, public) = pair(arguments);
            let (other, _) = pair(arguments);
            let key = SigningKey::from_pem(&private).unwrap();
            let verifying = VerifyingKey::from_pem(&public).unwrap();
            assert_eq!(key.id(), verifying.id());
            let signature = key.sign("sha256:00").unwrap();
            let read = Signature::from_bytes(&signature.to_bytes()).unwrap();
            assert_eq!(read, signature);
            let again = key.sign_once("sha256:00", &[b"x".to_vec(), signature.to_bytes()]);
            assert_eq!(again.unwrap(), signature);
            assert_ne!(
                key.sign_once("sha256:01", &[signature.to_bytes()]).unwrap(),
                signature
            );
            assert_eq!(verifying.verify(&read, "sha256:00"), Ok(()));
            assert!(verifying.verify(&read, "sha256:01").is_err());
            let forged = SigningKey::from_pem(&other).unwrap().sign("sha256:00").unwrap();
            assert!(verifying.verify(&forged, "sha256:00").is_err());
            let moved = Signature {
                subject: "sha256:01".to_owned(),
                ..read
            };
            assert!(verifying.verify(&moved, "sha256:01").is_err());
        }
    }

    #[test]
    fn other_keys_are_refused_with_what_to_do() {
        let (rsa, rsa_public) = pair(&RSA_KEY);
        let (p384, p384_public) = pair(&P384_KEY);
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), openssl(&ED25519_KEY)).unwrap();
        let path = file.path().to_str().unwrap();
        let encrypted = openssl(&["pkcs8", "-topk8", "-in", path, "-passout", "pass:secret"]);
        let old = openssl(&["ecparam", "-genkey", "-name", "prime256v1", "-noout"]);
        for (pem, expected) in [
            (rsa, KeyError::Kind),
            (p384, KeyError::Kind),
            (encrypted, KeyError::Encrypted),
            (old, KeyError::NoPrivateKey),
            (b"nothing".to_vec(), KeyError::NoPrivateKey),
        ] {
            assert_eq!(SigningKey::from_pem(&pem).map(|_| ()), Err(expected));
        }
        for (pem, expected) in [
            (rsa_public, KeyError::Kind),
            (p384_public, KeyError::Kind),
            (openssl(&ED25519_KEY), KeyError::NoPublicKey),
        ] {
            assert_eq!(VerifyingKey::from_pem(&pem).map(|_| ()), Err(expected));
        }
    }

    #[test]
    fn nothing_of_a_private_key_is_printed() {
        let private = openssl(&ED25519_KEY);
        let key = SigningKey::from_pem(&private).unwrap();
        let body = String::from_utf8(private).unwrap();
        let body = body.lines().nth(1).unwrap().to_owned();
        let raw = STANDARD.decode(&body).unwrap();
        let seed = hex::encode(&raw[raw.len() - 32..]);
        for text in [
            format!("{key:?}"),
            format!("{:?}", key.sign("sha256:00").unwrap()),
        ] {
            assert!(!text.contains(&body) && !text.contains(&seed), "{text}");
        }
    }
}
