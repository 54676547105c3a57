//! Keys that sign as Pomerium and Cloudflare Access do, and the server that publishes them.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{SystemTime, UNIX_EPOCH};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use doorcode_gateway::TrustedProxyConfig;
use doorcode_settings::HostName;
use doorcode_settings::trusted_proxy::{Algorithm, Assertion, KeySource, Proof, TrustedProxy};
use jsonwebtoken::EncodingKey;
use jsonwebtoken::jwk::Jwk;
use rcgen::{KeyPair, PKCS_ECDSA_P256_SHA256, PKCS_RSA_SHA256};
use rustls::ServerConfig;
use rustls::pki_types::CertificateDer;
use rustls::sign::SingleCertAndKey;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::task::AbortHandle;
use tokio_rustls::TlsAcceptor;

use super::{HOST, YOU, settings, setup_with};
use crate::support::{Door, Tls, certificate};

pub(super) const ISSUER: &str = "https://issuer.example";

/// A private key.
pub(super) struct Signer {
    id: String,
    algorithm: jsonwebtoken::Algorithm,
    key: EncodingKey,
    public_pem: String,
}

impl Signer {
    pub(super) fn es256(id: &str) -> Signer {
        let pair = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).unwrap();
        Signer {
            id: id.to_owned(),
            algorithm: jsonwebtoken::Algorithm::ES256,
            key: EncodingKey::from_ec_pem(pair.serialize_pem().as_bytes()).unwrap(),
            public_pem: pair.public_key_pem(),
        }
    }

    pub(super) fn rs256(id: &str) -> Signer {
        let pair = KeyPair::generate_for(&PKCS_RSA_SHA256).unwrap();
        Signer {
            id: id.to_owned(),
            algorithm: jsonwebtoken::Algorithm::RS256,
            key: EncodingKey::from_rsa_pem(pair.serialize_pem().as_bytes()).unwrap(),
            public_pem: pair.public_key_pem(),
        }
    }

    /// As its owner publishes it.
    pub(super) fn jwk(&self) -> Value {
        let mut jwk =
            serde_json::to_value(Jwk::from_encoding_key(&self.key, self.algorithm).unwrap()).unwrap();
        jwk["kid"] = json!(self.id);
        jwk["use"] = json!("sig");
        jwk
    }

    /// The public half alone.
    pub(super) fn public_pem(&self) -> String {
        self.public_pem.clone()
    }

    pub(super) fn header(&self) -> Value {
        json!({ "typ": "JWT", "alg": format!("{:?}", self.algorithm), "kid": self.id })
    }

    pub(super) fn sign(&self, claims: &Claims) -> String {
        self.sign_as(&self.header(), claims)
    }

    /// With another header than it should have.
    pub(super) fn sign_as(&self, header: &Value, claims: &Claims) -> String {
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let signed = format!("{}.{}", part(header), part(&claims.0));
        let signature = jsonwebtoken::crypto::sign(signed.as_bytes(), &self.key, self.algorithm).unwrap();
        format!("{signed}.{signature}")
    }
}

/// What a token says.
#[derive(Clone)]
pub(super) struct Claims(Value);

/// Of [`YOU`], in order, for the next minutes.
pub(super) fn claims() -> Claims {
    let now = now();
    Claims(json!({
        "iss": ISSUER, "aud": HOST, "sub": "u1", "email": YOU, "iat": now, "nbf": now, "exp": now + 300,
    }))
}

pub(super) fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()
}

impl Claims {
    /// With one of them set, or taken away by `null`.
    pub(super) fn with(&self, name: &str, value: impl Into<Value>) -> Claims {
        let mut claims = self.clone();
        let fields = claims.0.as_object_mut().unwrap();
        match value.into() {
            Value::Null => fields.remove(name),
            value => fields.insert(name.to_owned(), value),
        };
        claims
    }
}

/// Publishes keys over https.
pub(super) struct KeyServer {
    pub(super) url: String,
    root: CertificateDer<'static>,
    answer: Arc<Mutex<Published>>,
    asked: Arc<AtomicUsize>,
    task: AbortHandle,
}

/// What it answers.
#[derive(Clone)]
pub(super) enum Published {
    Keys(String),
    /// A status, and where else to look.
    Redirect(String),
    /// Connections are closed before anything is said.
    Nothing,
}

impl KeyServer {
    pub(super) async fn start(keys: &[&Signer]) -> KeyServer {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let host: HostName = "localhost".parse().unwrap();
        let certified = certificate(&host, &mut Tls::default());
        let root = certified.cert[0].clone();
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_cert_resolver(Arc::new(SingleCertAndKey::from((*certified).clone())));
        let answer = Arc::new(Mutex::new(Published::Nothing));
        let asked = Arc::new(AtomicUsize::new(0));
        let url = format!(
            "https://localhost:{}/keys.json",
            listener.local_addr().unwrap().port()
        );
        let task = tokio::spawn(serve(
            listener,
            TlsAcceptor::from(Arc::new(config)),
            answer.clone(),
            asked.clone(),
        ));
        let server = KeyServer {
            url,
            root,
            answer,
            asked,
            task: task.abort_handle(),
        };
        server.publish(keys);
        server
    }

    pub(super) fn publish(&self, keys: &[&Signer]) {
        let keys: Vec<_> = keys.iter().map(|key| key.jwk()).collect();
        self.answer_with(Published::Keys(json!({ "keys": keys }).to_string()));
    }

    pub(super) fn answer_with(&self, answer: Published) {
        *self.answer.lock().unwrap() = answer;
    }

    /// How often somebody came.
    pub(super) fn asked(&self) -> usize {
        self.asked.load(Ordering::Relaxed)
    }

    pub(super) fn prepare(&self, settings: &TrustedProxy) -> TrustedProxyConfig {
        TrustedProxyConfig::prepare_trusting(settings, std::slice::from_ref(&self.root)).unwrap()
    }
}

impl Drop for KeyServer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn serve(
    listener: TcpListener,
    tls: TlsAcceptor,
    answer: Arc<Mutex<Published>>,
    asked: Arc<AtomicUsize>,
) {
    while let Ok((stream, _)) = listener.accept().await {
        asked.fetch_add(1, Ordering::Relaxed);
        let response = match answer.lock().unwrap().clone() {
            Published::Keys(keys) => {
                format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{keys}", keys.len())
            }
            Published::Redirect(to) => {
                format!("HTTP/1.1 302 Found\r\nLocation: {to}\r\nContent-Length: 0\r\n\r\n")
            }
            Published::Nothing => continue,
        };
        let tls = tls.clone();
        tokio::spawn(async move {
            let Ok(mut stream) = tls.accept(stream).await else {
                return;
            };
            let mut head = Vec::new();
            while !head.ends_with(b"\r\n\r\n") {
                match stream.read_u8().await {
                    Ok(byte) => head.push(byte),
                    Err(_) => return,
                }
            }
            let _ = stream.write_all(response.as_bytes()).await;
            let _ = stream.shutdown().await;
        });
    }
}

/// The rules for what [`Signer`]s sign.
pub(super) fn rules(keys: KeySource) -> Assertion {
    Assertion {
        header: "x-assertion".to_owned(),
        keys,
        issuer: vec![ISSUER.to_owned()],
        audience: HOST.to_owned(),
        algorithms: vec![Algorithm::Es256],
        user_claim: "email".to_owned(),
        max_age: std::time::Duration::from_secs(300),
        signer: None,
    }
}

/// Settings of a proxy that signs.
pub(super) fn signed_settings(dir: &std::path::Path, keys: KeySource) -> TrustedProxy {
    TrustedProxy {
        user_header: None,
        proof: Proof::Assertion(Box::new(rules(keys))),
        ..settings(dir)
    }
}

/// A door that believes what `server`'s keys sign.
pub(super) async fn assertion_door(
    server: &KeyServer,
    change: impl FnOnce(&mut TrustedProxy),
) -> (Door, TempDir) {
    let dir = tempfile::tempdir().unwrap();
    let mut settings = signed_settings(dir.path(), KeySource::Url(server.url.clone()));
    change(&mut settings);
    (Door::open(setup_with(server.prepare(&settings))).await, dir)
}

/// Changes the rules of `settings`.
pub(super) fn change_rules(settings: &mut TrustedProxy, change: impl FnOnce(&mut Assertion)) {
    match &mut settings.proof {
        Proof::Assertion(rules) => change(rules),
        other => panic!("no assertion: {other:?}"),
    }
}
