//! Looking for what is wrong: asked of the running engine, and without one as far as the files and the system tell.

use doorcode_certs::{Broken, CertStore, Certificate, load_custom};
use doorcode_engine::{Reply, Request, find_code_server, public_url};
use doorcode_gateway::Gateway;
use doorcode_health::{
    Cause, Condition, Editor, Finding, Findings, Folders, Keyring, LinkId, Report, Subject, Times, diagnose,
};
use doorcode_settings::{
    AuthMode, HostName, ListenAddress, PasswordError, PasswordStore, Paths, Problem, Settings, Tls,
};
use time::OffsetDateTime;

use crate::{blocking, control};

/// What was found, and whether an engine was asked.
#[derive(Debug)]
pub struct Examined {
    /// Every probe that could be made.
    pub report: Report,
    /// Whether an engine runs.
    pub engine: bool,
}

/// Probes everything, now. `url` is another public address than the configured one.
///
/// # Errors
/// `public_url_malformed`, or an engine that runs and does not answer.
pub async fn examine(paths: &Paths, url: Option<String>) -> Result<Examined, Problem> {
    if let Some(url) = &url {
        public_url(url)?;
    }
    if let Some(mut client) = control::connect(paths).await? {
        return match control::ask_over(&mut client, &Request::Doctor { url }).await? {
            Reply::Doctor(report) => Ok(Examined {
                report: *report,
                engine: true,
            }),
            _ => Err(control::unexpected()),
        };
    }
    let url = url.as_deref().map(public_url).transpose()?;
    let files = paths.clone();
    let Found {
        mut subject,
        certificates,
    } = blocking(move || Ok(found(&files))).await?;
    subject.public = url.or(subject.public);
    let mut findings =
        doorcode_health::examine(&subject, doorcode_health::Depth::FULL, Findings::new()).await;
    findings.insert(LinkId::Tls, certificates);
    Ok(Examined {
        report: diagnose(&findings, OffsetDateTime::now_utc()),
        engine: false,
    })
}

/// What the files and the system tell.
struct Found {
    subject: Subject,
    certificates: Finding,
}

fn found(paths: &Paths) -> Found {
    let loaded = Settings::load(&paths.settings_file);
    let settings_problem = loaded.as_ref().err().map(Problem::from);
    // Whatever the file wanted to say, the rest is judged by what holds without it.
    let settings = loaded.unwrap_or_default();
    let (certificates, kept) = certificates(paths, &settings);
    let began = kept.iter().map(|certificate| {
        let what = format!("the certificate of {}", certificate.host);
        (what, certificate.not_before)
    });
    let subject = Subject {
        settings_problem,
        keyring: keyring(paths, &settings),
        folders: Folders {
            data: paths.data_dir.clone(),
            state: paths.state_dir.clone(),
            runtime: paths.runtime_dir.clone(),
        },
        times: Times {
            past: began.collect(),
        },
        code_server: Some(code_server(paths, &settings)),
        ports: Some(ports(&settings)),
        editor: Editor {
            condition: Condition::NoEngine,
            pid: None,
            socket: paths.editor_socket(),
            log_tail: Vec::new(),
            memory_kills: 0,
            rss_bytes: None,
            lingering: (0, 0),
        },
        door: None,
        browsers: None,
        public: settings.proxy_in_force().map(|proxy| proxy.public_url.clone()),
    };
    Found {
        subject,
        certificates,
    }
}

fn code_server(paths: &Paths, settings: &Settings) -> Result<String, Problem> {
    let found = find_code_server(settings, paths)?;
    let folder = &settings.editor.folder;
    match folder.is_dir() {
        true => Ok(format!("code-server {}", found.version)),
        false => Err(Problem::new(
            "folder_missing",
            format!(
                "the folder to open, {}, does not exist or is not a folder",
                folder.display()
            ),
            format!(
                "`mkdir -p '{}'`, or name another folder under [editor]: `doorcode settings edit`",
                folder.display()
            ),
        )),
    }
}

/// Takes each address for a moment, as an engine would. A unix socket is left alone: taking it would remove what is there.
fn ports(settings: &Settings) -> Vec<Problem> {
    let tcp = settings
        .gateway
        .listen
        .iter()
        .filter(|address| address.tcp().is_some());
    let taken = |address: &ListenAddress| Gateway::bind(std::slice::from_ref(address)).err();
    tcp.filter_map(taken).map(|error| Problem::from(&error)).collect()
}

fn keyring(paths: &Paths, settings: &Settings) -> Keyring {
    if settings.auth.mode != AuthMode::Password {
        return Keyring::NotNeeded;
    }
    match PasswordStore::new(paths).show() {
        // None yet, or one of which only the hash is kept: both are in order.
        Ok(_) | Err(PasswordError::NotShown | PasswordError::NotSet) => Keyring::Works,
        Err(error) => Keyring::Broken(Problem::from(&error)),
    }
}

/// What would be served, and the certificates of our own making that are kept.
fn certificates(paths: &Paths, settings: &Settings) -> (Finding, Vec<Certificate>) {
    let hosts = &settings.gateway.hosts;
    match &settings.tls {
        Tls::Off => (
            Finding::skipped("tls.mode is off: the proxy in front does it"),
            Vec::new(),
        ),
        Tls::Custom { cert, key } => {
            let finding = match load_custom(cert, key, hosts) {
                Ok((pair, warnings)) => Finding::pass(format!("until {}", pair.info.not_after.date()))
                    .and(warnings.iter().map(warning)),
                Err(error) => wrong(&Problem::from(&error)),
            };
            (finding, Vec::new())
        }
        Tls::SelfSigned => match CertStore::new(paths.certs_dir()).look() {
            Err(error) => (wrong(&Problem::from(&error)), Vec::new()),
            Ok(entries) => {
                let wanted = |broken: &&Broken| hosts.iter().any(|host| host.file_stem() == broken.stem);
                let broken = entries.iter().filter_map(|entry| entry.as_ref().err());
                let causes: Vec<Cause> = broken.filter(wanted).map(unusable).collect();
                let kept: Vec<Certificate> = entries.into_iter().flatten().collect();
                (Finding::pass(which_are_there(hosts, &kept)).and(causes), kept)
            }
        },
    }
}

fn which_are_there(hosts: &[HostName], kept: &[Certificate]) -> String {
    let is_there = |host: &&HostName| kept.iter().any(|certificate| certificate.host == **host);
    let missing: Vec<String> = { hosts.iter().filter(|host| !is_there(host)) }
        .map(ToString::to_string)
        .collect();
    match missing.is_empty() {
        true => "every host has one".to_owned(),
        false => format!("the start makes one for {}", missing.join(", ")),
    }
}

/// A pair of our own making that cannot be served. One that nobody can rely on any more keeps nothing from starting.
fn unusable(broken: &Broken) -> Cause {
    let problem = Problem::from(broken);
    if !broken.flaw.ends_trust() {
        return critical(&problem);
    }
    let message = format!(
        "{}; the next start puts a new one in its place, which browsers must be made to trust",
        problem.message
    );
    Cause::warning(
        &problem.code,
        message,
        "`doorcode up`, then `doorcode trust install`, then close every window of the browser and open it again",
    )
}

fn wrong(problem: &Problem) -> Finding {
    Finding::wrong(&*problem.message, critical(problem))
}

fn critical(problem: &Problem) -> Cause {
    Cause::critical(&problem.code, &*problem.message, &*problem.fix)
}

fn warning(problem: &Problem) -> Cause {
    Cause::warning(&problem.code, &*problem.message, &*problem.fix)
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;
    use std::os::unix::fs::PermissionsExt;
    use std::path::Path;

    use doorcode_health::{ProbeStatus, Severity};
    use rcgen::{CertificateParams, KeyPair, date_time_ymd};

    use super::*;

    fn paths(dir: &Path) -> Paths {
        Paths {
            settings_file: dir.join("settings.toml"),
            data_dir: dir.join("data"),
            state_dir: dir.join("state"),
            runtime_dir: dir.join("run"),
        }
    }

    const NOT_RUNNING: &str = "engine_not_running";

    async fn causes(paths: &Paths) -> (Vec<String>, Report) {
        let examined = examine(paths, None).await.expect("examined");
        assert!(!examined.engine);
        let report = examined.report;
        (
            report.causes.iter().map(|cause| cause.code.clone()).collect(),
            report,
        )
    }

    #[tokio::test]
    async fn without_an_engine_it_says_so_and_who_holds_the_port() {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let paths = paths(dir.path());
        let other = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = other.local_addr().expect("an address");
        std::fs::write(
            &paths.settings_file,
            format!("[auth]\nmode = \"none\"\n[gateway]\nlisten = [\"{address}\"]\n"),
        )
        .expect("written");
        let (codes, report) = causes(&paths).await;
        assert!(codes.contains(&"port_busy".to_owned()), "{codes:?}");
        assert!(
            !codes.contains(&NOT_RUNNING.to_owned()),
            "it follows from the other: {codes:?}"
        );
        assert_eq!(report.exit_code(), 2);
        drop(other);
        let (codes, _) = causes(&paths).await;
        assert!(!codes.contains(&"port_busy".to_owned()), "{codes:?}");
    }

    #[tokio::test]
    async fn a_settings_file_that_does_not_parse_is_named_first() {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let paths = paths(dir.path());
        std::fs::write(&paths.settings_file, "[gateway]\nlisten = 3\n").expect("written");
        let (codes, report) = causes(&paths).await;
        let status = |id: &str| {
            let probe = report.probes.iter().find(|probe| probe.id == id);
            probe.map(|probe| probe.status)
        };
        assert!(codes[0].starts_with("settings_"), "{codes:?}");
        assert_eq!(status("settings"), Some(ProbeStatus::Fail));
        assert_eq!(status("editor-socket"), Some(ProbeStatus::NotReached));
    }

    #[tokio::test]
    async fn an_expired_certificate_is_what_keeps_it_from_starting() {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let paths = paths(dir.path());
        let mut leaf = CertificateParams::new(vec!["localhost".to_owned()]).expect("a name");
        (leaf.not_before, leaf.not_after) = (date_time_ymd(2020, 1, 1), date_time_ymd(2021, 1, 1));
        let key = KeyPair::generate().expect("a key");
        let cert = leaf.self_signed(&key).expect("signed");
        private(&dir.path().join("pair.crt"), &cert.pem());
        private(&dir.path().join("pair.key"), &key.serialize_pem());
        let settings = format!(
            "[auth]\nmode = \"none\"\n[tls]\nmode = \"custom\"\ncert = \"{0}/pair.crt\"\nkey = \"{0}/pair.key\"\n\
             [gateway]\nhosts = [\"localhost\"]\n",
            dir.path().display()
        );
        std::fs::write(&paths.settings_file, settings).expect("written");
        let (codes, report) = causes(&paths).await;
        let expired = codes.iter().position(|code| code == "certificate_expired");
        let fix = &report.causes[expired.expect("named")].fix;
        for part in ["pair.crt", "pair.key", "for localhost from", "`doorcode up`"] {
            assert!(fix.contains(part), "{fix}");
        }
        assert!(!codes.contains(&NOT_RUNNING.to_owned()), "{codes:?}");
        let tls = report.probes.iter().find(|probe| probe.id == "tls");
        assert_eq!(tls.map(|probe| probe.status), Some(ProbeStatus::Fail));
    }

    #[tokio::test]
    async fn a_pair_of_ours_that_a_start_replaces_is_a_warning_and_any_other_comes_first() {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let paths = paths(dir.path());
        std::fs::write(&paths.settings_file, "[auth]\nmode = \"none\"\n").expect("written");
        let host = "localhost".parse().expect("a host");
        let store = CertStore::new(paths.certs_dir());
        let pair = store.ensure(&host).expect("issued").pair;
        let severity = |report: &Report, code: &str| {
            let cause = report.causes.iter().find(|cause| cause.code == code);
            cause.map(|cause| cause.severity)
        };
        std::fs::set_permissions(&pair.info.key_file, PermissionsExt::from_mode(0o644)).expect("ours");
        let (codes, report) = causes(&paths).await;
        assert!(!codes.contains(&NOT_RUNNING.to_owned()), "{codes:?}");
        assert_eq!(severity(&report, "certificate_exposed"), Some(Severity::Critical));

        private(&pair.info.key_file, "no key");
        let (codes, report) = causes(&paths).await;
        assert_eq!(
            severity(&report, "certificate_key_unusable"),
            Some(Severity::Warning),
            "{codes:?}"
        );

        let elsewhere = store.ensure(&"elsewhere.test".parse().expect("a host"));
        private(&elsewhere.expect("issued").pair.info.key_file, "no key");
        std::fs::remove_file(&pair.info.cert_file).expect("removed");
        std::fs::remove_file(&pair.info.key_file).expect("removed");
        let (codes, _) = causes(&paths).await;
        assert!(
            !codes.iter().any(|code| code.starts_with("certificate_")),
            "what no host is served with does not matter: {codes:?}"
        );
    }

    fn private(path: &Path, text: &str) {
        std::fs::write(path, text).expect("written");
        std::fs::set_permissions(path, PermissionsExt::from_mode(0o600)).expect("ours");
    }

    #[tokio::test]
    async fn what_is_no_address_is_refused_before_anything_is_asked() {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let refused = examine(&paths(dir.path()), Some("code.example.com".into())).await;
        assert_eq!(refused.expect_err("refused").code, "public_url_malformed");
    }
}
