//! Keys and certificates of the cluster: three authorities that only the sandbox trusts, and what they sign.
//! Everything lies in one folder, readable by root alone, and is made once.

use std::net::{IpAddr, Ipv4Addr};
use std::path::{Path, PathBuf};

use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer,
    KeyPair, KeyUsagePurpose, SanType,
};

use crate::addresses::AddressPlan;
use crate::error::{OnPath, SandboxError};
use crate::layout::Layout;
use crate::state::{State, write_private};

/// The name of the pair that signs and checks tokens of service accounts.
pub(crate) const TOKENS: &str = "service-accounts";

/// Who signs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Authority {
    /// Everyone who talks to the API server, the API server itself, and kubelets.
    Cluster,
    /// The database and its one client.
    Etcd,
    /// The API server when it forwards a request to an aggregated API.
    FrontProxy,
}

impl Authority {
    const ALL: [Self; 3] = [Self::Cluster, Self::Etcd, Self::FrontProxy];

    /// The name of its files.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Cluster => "cluster-ca",
            Self::Etcd => "etcd-ca",
            Self::FrontProxy => "front-proxy-ca",
        }
    }
}

/// Where certificates and keys lie.
#[derive(Debug, Clone)]
pub(crate) struct Pki {
    folder: PathBuf,
}

/// Someone who gets a certificate.
struct Holder {
    name: String,
    authority: Authority,
    common_name: String,
    group: Option<&'static str>,
    reached_at: Vec<SanType>,
}

impl Pki {
    /// The certificates of the sandbox at `layout`.
    pub(crate) fn of(layout: &Layout) -> Self {
        Self { folder: layout.pki() }
    }

    /// The certificate of a holder or an authority.
    pub(crate) fn certificate(&self, name: &str) -> PathBuf {
        self.folder.join(format!("{name}.crt"))
    }

    /// The key of a holder or an authority.
    pub(crate) fn key(&self, name: &str) -> PathBuf {
        self.folder.join(format!("{name}.key"))
    }

    /// The public half of a key.
    pub(crate) fn public_key(&self, name: &str) -> PathBuf {
        self.folder.join(format!("{name}.pub"))
    }

    /// Makes whatever is missing.
    pub(crate) fn ensure(&self, state: &State) -> Result<(), SandboxError> {
        use std::os::unix::fs::DirBuilderExt;
        std::fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&self.folder)
            .on("create", &self.folder)?;
        for authority in Authority::ALL {
            self.ensure_authority(authority)?;
        }
        self.ensure_token_keys()?;
        for holder in holders(state) {
            self.ensure_certificate(&holder)?;
        }
        Ok(())
    }

    /// The pair that signs and checks tokens of service accounts.
    fn ensure_token_keys(&self) -> Result<(), SandboxError> {
        let key = self.ensure_key(TOKENS)?;
        let public = self.public_key(TOKENS);
        if public.exists() {
            Ok(())
        } else {
            write_private(&public, key.public_key_pem().as_bytes())
        }
    }

    fn ensure_authority(&self, authority: Authority) -> Result<(), SandboxError> {
        let name = authority.name();
        if self.certificate(name).exists() {
            return Ok(());
        }
        let key = self.ensure_key(name)?;
        let certificate = authority_params(authority)
            .and_then(|params| params.self_signed(&key))
            .map_err(|source| SandboxError::Certificate {
                name: name.to_owned(),
                source,
            })?;
        write_private(&self.certificate(name), certificate.pem().as_bytes())
    }

    fn ensure_certificate(&self, holder: &Holder) -> Result<(), SandboxError> {
        if self.certificate(&holder.name).exists() {
            return Ok(());
        }
        let signing_key = self.ensure_key(holder.authority.name())?;
        let key = self.ensure_key(&holder.name)?;
        let certificate = authority_params(holder.authority)
            .map(|params| Issuer::new(params, signing_key))
            .and_then(|issuer| holder_params(holder)?.signed_by(&key, &issuer))
            .map_err(|source| SandboxError::Certificate {
                name: holder.name.clone(),
                source,
            })?;
        write_private(&self.certificate(&holder.name), certificate.pem().as_bytes())
    }

    fn ensure_key(&self, name: &str) -> Result<KeyPair, SandboxError> {
        let path = self.key(name);
        let failed = |source| SandboxError::Certificate {
            name: name.to_owned(),
            source,
        };
        if path.exists() {
            return KeyPair::from_pem(&read(&path)?).map_err(failed);
        }
        let key = KeyPair::generate().map_err(failed)?;
        write_private(&path, key.serialize_pem().as_bytes())?;
        Ok(key)
    }

    /// Removes what belongs to a node, so that another one of its name gets its own.
    pub(crate) fn forget_node(&self, node: &str) -> Result<(), SandboxError> {
        for holder in [format!("kubelet-{node}"), format!("kubelet-{node}-serving")] {
            for path in [self.certificate(&holder), self.key(&holder)] {
                std::fs::remove_file(&path).on("remove", path)?;
            }
        }
        Ok(())
    }

    /// The text of a certificate or key.
    pub(crate) fn text(path: &Path) -> Result<String, SandboxError> {
        read(path)
    }
}

fn read(path: &Path) -> Result<String, SandboxError> {
    std::fs::read_to_string(path).on("read", path)
}

/// Everybody who needs a certificate in this sandbox.
fn holders(state: &State) -> Vec<Holder> {
    let addresses = state.addresses;
    let client = |name: &str, common_name: &str, group| Holder {
        name: name.to_owned(),
        authority: Authority::Cluster,
        common_name: common_name.to_owned(),
        group,
        reached_at: Vec::new(),
    };
    let mut holders = vec![
        Holder {
            reached_at: [
                addresses.plane(),
                AddressPlan::kubernetes_service(),
                Ipv4Addr::LOCALHOST,
            ]
            .map(address)
            .into_iter()
            .chain(API_SERVER_NAMES.into_iter().filter_map(dns))
            .collect(),
            ..client("api-server", "kube-apiserver", None)
        },
        client(
            "api-server-to-kubelets",
            "kube-apiserver-kubelet-client",
            Some("system:masters"),
        ),
        client("controller-manager", "system:kube-controller-manager", None),
        client("scheduler", "system:kube-scheduler", None),
        client("admin", "taskwright-sandbox", Some("system:masters")),
        client("kube-proxy", "system:kube-proxy", None),
        client("calico", "taskwright:calico", None),
        Holder {
            authority: Authority::Etcd,
            ..client("api-server-to-etcd", "kube-apiserver", None)
        },
        Holder {
            authority: Authority::Etcd,
            reached_at: vec![address(Ipv4Addr::LOCALHOST)],
            ..client("etcd", "etcd", None)
        },
        Holder {
            reached_at: dns("metrics-server.kube-system.svc").into_iter().collect(),
            ..client("metrics-server", "metrics-server", None)
        },
        Holder {
            authority: Authority::FrontProxy,
            ..client("front-proxy", "front-proxy-client", None)
        },
    ];
    for (node, record) in &state.nodes {
        let user = format!("system:node:{node}");
        let names = [Some(address(addresses.node(record.number))), dns(node)];
        holders.push(client(&format!("kubelet-{node}"), &user, Some("system:nodes")));
        holders.push(Holder {
            reached_at: names.into_iter().flatten().collect(),
            ..client(&format!("kubelet-{node}-serving"), &user, Some("system:nodes"))
        });
    }
    holders
}

const API_SERVER_NAMES: [&str; 5] = [
    "localhost",
    "kubernetes",
    "kubernetes.default",
    "kubernetes.default.svc",
    "kubernetes.default.svc.cluster.local",
];

fn address(address: Ipv4Addr) -> SanType {
    SanType::IpAddress(IpAddr::V4(address))
}

fn dns(name: &str) -> Option<SanType> {
    name.try_into().ok().map(SanType::DnsName)
}

/// The same for every call, so that a certificate made later names the same authority.
fn authority_params(authority: Authority) -> Result<CertificateParams, rcgen::Error> {
    let mut params = params_for(&format!("taskwright-sandbox-{}", authority.name()), None)?;
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![
        KeyUsagePurpose::KeyCertSign,
        KeyUsagePurpose::CrlSign,
        KeyUsagePurpose::DigitalSignature,
    ];
    Ok(params)
}

fn holder_params(holder: &Holder) -> Result<CertificateParams, rcgen::Error> {
    let mut params = params_for(&holder.common_name, holder.group)?;
    params.subject_alt_names.clone_from(&holder.reached_at);
    params.use_authority_key_identifier_extension = true;
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    // A server that is also a client of itself (the database's peer port) needs both.
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
    if !holder.reached_at.is_empty() {
        params
            .extended_key_usages
            .push(ExtendedKeyUsagePurpose::ServerAuth);
    }
    Ok(params)
}

fn params_for(common_name: &str, group: Option<&str>) -> Result<CertificateParams, rcgen::Error> {
    let mut params = CertificateParams::new(Vec::new())?;
    let mut subject = DistinguishedName::new();
    if let Some(group) = group {
        subject.push(DnType::OrganizationName, group);
    }
    subject.push(DnType::CommonName, common_name);
    params.distinguished_name = subject;
    let today = jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC).date();
    let (month, day) = (today.month().unsigned_abs(), today.day().unsigned_abs().min(28));
    // From last year on, so that a clock that is set back does not end the cluster.
    params.not_before = rcgen::date_time_ymd(i32::from(today.year()) - 1, month, day);
    params.not_after = rcgen::date_time_ymd(i32::from(today.year()) + 10, month, day);
    Ok(params)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::addresses::AddressPlan;
    use crate::options::Pool;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn certificates_are_made_once_and_private() {
        let folder = tempfile::tempdir().unwrap();
        let pki = Pki::of(&Layout::at(folder.path(), folder.path()));
        let mut state = State::new(AddressPlan::free_of(&[]).unwrap());
        pki.ensure(&state).unwrap();
        let first = Pki::text(&pki.certificate("api-server")).unwrap();
        let node = state.add_node(Pool::Task).unwrap();
        pki.ensure(&state).unwrap();
        assert_eq!(Pki::text(&pki.certificate("api-server")).unwrap(), first);
        assert!(pki.certificate(&format!("kubelet-{node}-serving")).exists());
        for file in std::fs::read_dir(folder.path().join("pki")).unwrap() {
            assert_eq!(
                file.unwrap().metadata().unwrap().permissions().mode() & 0o777,
                0o600
            );
        }
    }

    #[test]
    fn a_certificate_made_later_is_trusted_by_the_first_authority() {
        let folder = tempfile::tempdir().unwrap();
        let pki = Pki::of(&Layout::at(folder.path(), folder.path()));
        let mut state = State::new(AddressPlan::free_of(&[]).unwrap());
        pki.ensure(&state).unwrap();
        state.add_node(Pool::Task).unwrap();
        pki.ensure(&state).unwrap();
        let verified = std::process::Command::new("openssl")
            .args(["verify", "-CAfile"])
            .arg(pki.certificate("cluster-ca"))
            .arg(pki.certificate("kubelet-task-1-serving"))
            .output()
            .unwrap();
        assert!(
            verified.status.success(),
            "{}",
            String::from_utf8_lossy(&verified.stderr)
        );
    }
}
