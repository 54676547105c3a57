//! `[auth.trusted_proxy]`: the proxy that signs people in, and how we know that it is the one that speaks.

mod complete;
mod preset;
mod public_url;
mod read;

use std::path::PathBuf;
use std::time::Duration;

use ipnet::IpNet;
use serde::{Serialize, Serializer};

pub use complete::Missing;
pub use preset::Preset;
pub use public_url::{PublicUrl, PublicUrlError};
pub(crate) use read::{address_range, header_name, headers, proof, url_or_prefix, user};

/// All that is needed to believe a proxy: what the person wrote, and what the preset fills in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TrustedProxy {
    /// Which proxy it is.
    pub preset: Preset,
    /// The address that browsers use.
    pub public_url: PublicUrl,
    /// Where the proxy connects from. Empty only where every address listened on is a unix socket.
    pub proxies: Vec<IpNet>,
    /// The header that names the user, lower case. With an assertion it may be absent; where it is not, both must agree.
    pub user_header: Option<String>,
    /// Headers that must be there, lower case.
    pub required_headers: Vec<String>,
    /// Headers that must not be there, lower case; the preset's.
    pub refused_headers: &'static [&'static str],
    /// Who may come in.
    pub allow_users: AllowUsers,
    /// What a user's name looks like.
    pub user_shape: UserShape,
    /// What tells the proxy from anybody else at its address.
    pub proof: Proof,
    /// A WebSocket is closed after this many hours, so that it cannot outlive a sign-out at the provider for long.
    pub websocket_hours: u32,
}

/// Who may come in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum AllowUsers {
    /// Whoever the proxy lets through: `"*"`.
    Everyone,
    /// These, ASCII lower case; at least one.
    These(Vec<String>),
}

/// What a user's name looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum UserShape {
    /// Exactly one `@`.
    Email,
    /// Any printable name.
    Login,
}

/// What tells the proxy from anybody else at its address.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Proof {
    /// Each request carries a signed statement of who it is for.
    Assertion(Box<Assertion>),
    /// Each request carries a secret that the proxy adds.
    Header {
        /// The header, lower case.
        header: String,
        /// The file that holds the secret, 32 bytes at least.
        secret_file: PathBuf,
    },
    /// The proxy connects with a certificate of this authority.
    Mtls {
        /// PEM.
        client_ca: PathBuf,
    },
    /// The proxy connects to a unix socket that only it can open.
    UnixSocket,
    /// Nothing does: whoever can send from the proxy's address is believed.
    AddressOnly,
}

impl Proof {
    /// The word in settings.toml; `header` for a table with a header.
    pub fn as_str(&self) -> &'static str {
        match self {
            Proof::Assertion(_) => "assertion",
            Proof::Header { .. } => "header",
            Proof::Mtls { .. } => "mtls",
            Proof::UnixSocket => "unix-socket",
            Proof::AddressOnly => "address-only",
        }
    }
}

/// A signed statement (JWT, RFC 7519) and how it is verified.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Assertion {
    /// The header that carries it, lower case.
    pub header: String,
    /// Where the keys come from.
    pub keys: KeySource,
    /// Values of `iss` that are accepted.
    pub issuer: Vec<String>,
    /// The value that `aud` must be, or contain.
    pub audience: String,
    /// How it may be signed.
    pub algorithms: Vec<Algorithm>,
    /// The claim that names the user.
    pub user_claim: String,
    /// It is refused when it was issued longer ago.
    pub max_age: Duration,
    /// AWS: the ARN of the load balancer that must have signed.
    pub signer: Option<String>,
}

/// Where the keys that verify an assertion come from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum KeySource {
    /// A JSON Web Key Set (RFC 7517) at an https address.
    Url(String),
    /// An https prefix to which the key's id is added; each answer is one PEM (AWS load balancers).
    PemByKid(String),
    /// A JSON Web Key Set in a file, for closed networks.
    File(PathBuf),
}

/// A signature algorithm (RFC 7518, RFC 8037). No symmetric one: the key is public.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are the RFCs'")]
pub enum Algorithm {
    Es256,
    Es384,
    Rs256,
    Rs384,
    Rs512,
    EdDsa,
}

impl Algorithm {
    pub(crate) const NAMES: [(&'static str, Algorithm); 6] = [
        ("ES256", Algorithm::Es256),
        ("ES384", Algorithm::Es384),
        ("RS256", Algorithm::Rs256),
        ("RS384", Algorithm::Rs384),
        ("RS512", Algorithm::Rs512),
        ("EdDSA", Algorithm::EdDsa),
    ];

    /// The name in a token's header, and in settings.toml.
    pub fn as_str(self) -> &'static str {
        match self {
            Algorithm::Es256 => "ES256",
            Algorithm::Es384 => "ES384",
            Algorithm::Rs256 => "RS256",
            Algorithm::Rs384 => "RS384",
            Algorithm::Rs512 => "RS512",
            Algorithm::EdDsa => "EdDSA",
        }
    }
}

impl Serialize for Algorithm {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// `[auth.trusted_proxy]` as it stands in the file: each key by itself is valid, what belongs together may be incomplete while
/// the mode is another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[expect(
    missing_docs,
    reason = "each is the key of its name, explained in the table of keys"
)]
pub struct TrustedProxyKeys {
    pub preset: Preset,
    pub public_url: Option<PublicUrl>,
    pub proxies: Vec<IpNet>,
    pub user_header: Option<String>,
    pub required_headers: Vec<String>,
    pub allow_users: Vec<String>,
    pub proof: Option<ProofKey>,
    pub client_ca: Option<PathBuf>,
    pub websocket_hours: u32,
    pub assertion: AssertionKeys,
}

impl Default for TrustedProxyKeys {
    fn default() -> Self {
        TrustedProxyKeys {
            preset: Preset::Custom,
            public_url: None,
            proxies: Vec::new(),
            user_header: None,
            required_headers: Vec::new(),
            allow_users: Vec::new(),
            proof: None,
            client_ca: None,
            // A working day.
            websocket_hours: 12,
            assertion: AssertionKeys::default(),
        }
    }
}

/// `proof` as it stands in the file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[expect(missing_docs, reason = "the words of settings.toml; Proof explains them")]
pub enum ProofKey {
    Assertion,
    Mtls,
    UnixSocket,
    AddressOnly,
    #[serde(untagged)]
    Header {
        header: String,
        secret_file: PathBuf,
    },
}

/// `[auth.trusted_proxy.assertion]` as it stands in the file.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[expect(
    missing_docs,
    reason = "each is the key of its name, explained in the table of keys"
)]
pub struct AssertionKeys {
    pub header: Option<String>,
    pub jwks_url: Option<String>,
    pub jwks_file: Option<PathBuf>,
    pub issuer: Option<String>,
    pub audience: Option<String>,
    pub algorithms: Vec<Algorithm>,
    pub user_claim: Option<String>,
    pub max_age: Option<Duration>,
    pub signer: Option<String>,
}
