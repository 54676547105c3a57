//! Caddy as its documentation sets up a reverse proxy, with the shared certificate.

use std::path::{Path, PathBuf};

use crate::contenders::upstream::Upstream;
use crate::contenders::{Column, Contender};
use crate::error::BenchError;
use crate::identity::HOST;
use crate::load::target::Target;
use crate::process::Process;
use crate::site::{Site, free_port, write};

pub(crate) struct Caddy {
    program: PathBuf,
    upstream: Upstream,
    home: PathBuf,
    socket: PathBuf,
    target: Target,
}

impl Caddy {
    pub(crate) fn new(site: &Site, program: &Path, upstream: Upstream) -> Result<Self, BenchError> {
        let home = site.folder(&format!("caddy-{}", upstream.name()))?;
        let socket = home.join("sock");
        let port = free_port()?;
        write(
            &home.join("Caddyfile"),
            &configuration(site, &home, &socket, port),
        )?;
        let target = Target::tls(port, &site.identity.certificate)?;
        Ok(Self {
            program: program.to_owned(),
            upstream,
            home,
            socket,
            target,
        })
    }
}

impl Contender for Caddy {
    fn column(&self) -> Column {
        Column::Caddy
    }

    fn launch(&self, site: &Site) -> Result<Vec<Process>, BenchError> {
        let upstream = self.upstream.launch(site, &self.home, &self.socket)?;
        let mut command = site.command(&self.program, &self.home);
        command
            .args(["run", "--adapter", "caddyfile", "--config"])
            .arg(self.home.join("Caddyfile"));
        Ok(vec![
            Process::start("Caddy", command, self.home.join("log"))?,
            upstream,
        ])
    }

    fn target(&self) -> &Target {
        &self.target
    }
}

/// The access log is off by default: on, as it is everywhere else here. The pool's default of 32 is too small for the h2
/// load. HTTP/3 would need a second socket that nobody asks.
fn configuration(site: &Site, home: &Path, socket: &Path, port: u16) -> String {
    let (cert, key) = (
        site.identity.cert_file.display(),
        site.identity.key_file.display(),
    );
    let (home, socket) = (home.display(), socket.display());
    format!(
        r#"{{
    admin off
    auto_https off
    servers {{
        protocols h1 h2
    }}
}}
https://{HOST}:{port} {{
    bind 127.0.0.1
    tls {cert} {key}
    log {{
        output file {home}/access.log
    }}
    reverse_proxy unix/{socket} {{
        transport http {{
            keepalive 4s
            keepalive_idle_conns_per_host 256
        }}
    }}
}}
"#
    )
}
