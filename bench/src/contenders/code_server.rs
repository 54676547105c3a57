//! code-server with its own TLS (`--cert`), nothing in front of it.

use std::path::PathBuf;

use crate::contenders::upstream::{code_server, code_server_arguments};
use crate::contenders::{Column, Contender};
use crate::error::BenchError;
use crate::load::target::Target;
use crate::process::Process;
use crate::site::{Site, free_port};

pub(crate) struct CodeServer {
    home: PathBuf,
    port: u16,
    target: Target,
}

impl CodeServer {
    pub(crate) fn new(site: &Site) -> Result<Self, BenchError> {
        let port = free_port()?;
        let target = Target::tls(port, &site.identity.certificate)?.without_stub();
        Ok(Self {
            home: site.folder("code-server")?,
            port,
            target,
        })
    }
}

impl Contender for CodeServer {
    fn column(&self) -> Column {
        Column::CodeServer
    }

    fn launch(&self, site: &Site) -> Result<Vec<Process>, BenchError> {
        let (program, first) = code_server(site)?;
        let mut command = site.command(&program, &self.home);
        command.args(first).args(code_server_arguments(&self.home));
        command.arg("--bind-addr").arg(format!("127.0.0.1:{}", self.port));
        command
            .arg("--cert")
            .arg(&site.identity.cert_file)
            .arg("--cert-key")
            .arg(&site.identity.key_file);
        Ok(vec![Process::start(
            "code-server",
            command,
            self.home.join("log"),
        )?])
    }

    fn target(&self) -> &Target {
        &self.target
    }
}
