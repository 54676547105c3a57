//! nginx as one would set it up before an editor, with what slows it for no reason taken away.

use std::path::{Path, PathBuf};

use nix::unistd::{Gid, Group, Uid, User};

use crate::contenders::upstream::Upstream;
use crate::contenders::{Column, Contender};
use crate::error::BenchError;
use crate::load::target::Target;
use crate::process::Process;
use crate::site::{Site, free_port, write};

pub(crate) struct Nginx {
    program: PathBuf,
    upstream: Upstream,
    home: PathBuf,
    socket: PathBuf,
    target: Target,
}

impl Nginx {
    pub(crate) fn new(site: &Site, program: &Path, upstream: Upstream) -> Result<Self, BenchError> {
        let home = site.folder(&format!("nginx-{}", upstream.name()))?;
        let socket = home.join("sock");
        let port = free_port()?;
        write(
            &home.join("nginx.conf"),
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

impl Contender for Nginx {
    fn column(&self) -> Column {
        Column::Nginx
    }

    fn launch(&self, site: &Site) -> Result<Vec<Process>, BenchError> {
        let upstream = self.upstream.launch(site, &self.home, &self.socket)?;
        let mut command = site.command(&self.program, &self.home);
        command
            .arg("-p")
            .arg(&self.home)
            .arg("-c")
            .arg("nginx.conf")
            .arg("-e")
            .arg("error.log");
        Ok(vec![
            Process::start("nginx", command, self.home.join("log"))?,
            upstream,
        ])
    }

    fn target(&self) -> &Target {
        &self.target
    }
}

/// The defaults close a connection after 1,000 requests, on both sides, and grant a pool too small for the h2 load.
/// Buffering stays on, with more memory and never in a file: of the ways to set it, this one streams fastest, about twice as
/// fast as `proxy_buffering off`. The access log is buffered, as Doorcode's is. `listen … http2` is understood by every nginx
/// that has it; 1.25.1 and later warn.
fn configuration(site: &Site, home: &Path, socket: &Path, port: u16) -> String {
    let (cert, key) = (
        site.identity.cert_file.display(),
        site.identity.key_file.display(),
    );
    let (home, socket, user) = (home.display(), socket.display(), worker_user());
    format!(
        r#"{user}
daemon off;
worker_processes auto;
worker_rlimit_nofile 65536;
pid {home}/nginx.pid;
error_log {home}/error.log warn;
events {{ worker_connections 8192; }}
http {{
    access_log {home}/access.log combined buffer=64k flush=1s;
    client_body_temp_path {home}/body;
    proxy_temp_path {home}/proxy;
    fastcgi_temp_path {home}/fastcgi;
    uwsgi_temp_path {home}/uwsgi;
    scgi_temp_path {home}/scgi;
    keepalive_requests 10000000;
    http2_max_concurrent_streams 256;
    map $http_upgrade $connection_upgrade {{ default upgrade; '' ''; }}
    upstream editor {{
        server unix:{socket};
        keepalive 256;
        keepalive_requests 10000000;
        keepalive_timeout 4s;
    }}
    server {{
        listen 127.0.0.1:{port} ssl http2;
        server_name localhost;
        ssl_certificate {cert};
        ssl_certificate_key {key};
        ssl_protocols TLSv1.2 TLSv1.3;
        location / {{
            proxy_pass http://editor;
            proxy_http_version 1.1;
            proxy_set_header Host $http_host;
            proxy_set_header Upgrade $http_upgrade;
            proxy_set_header Connection $connection_upgrade;
            proxy_set_header X-Forwarded-For $remote_addr;
            proxy_set_header X-Forwarded-Proto $scheme;
            proxy_read_timeout 1h;
            proxy_max_temp_file_size 0;
            proxy_buffers 16 32k;
            proxy_buffer_size 8k;
            proxy_busy_buffers_size 64k;
        }}
    }}
}}
"#
    )
}

/// Started by root, nginx would hand its workers to somebody who may not open the upstream's socket.
fn worker_user() -> String {
    if !Uid::effective().is_root() {
        return String::new();
    }
    let user = User::from_uid(Uid::effective())
        .ok()
        .flatten()
        .map(|user| user.name);
    let group = Group::from_gid(Gid::effective())
        .ok()
        .flatten()
        .map(|group| group.name);
    format!(
        "user {} {};",
        user.as_deref().unwrap_or("root"),
        group.as_deref().unwrap_or("root")
    )
}
