//! Who is compared: each starts its own processes, its upstream included, and says where it answers.

mod assertion;
mod caddy;
mod code_server;
mod doorcode;
mod nginx;
mod stub;
pub(crate) mod upstream;

use std::thread;
use std::time::{Duration, Instant};

use hyper::StatusCode;

use crate::contenders::doorcode::{Auth, Doorcode};
use crate::contenders::upstream::Upstream;
use crate::error::BenchError;
use crate::interrupt;
use crate::load;
use crate::load::client;
use crate::load::target::Target;
use crate::memory::Extent;
use crate::process::Process;
use crate::site::Site;

/// Generous: code-server starts in half a second on a quiet machine.
const READY_LIMIT: Duration = Duration::from_secs(60);
const READY_POLL: Duration = Duration::from_millis(5);

/// A column of the table.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Column {
    /// The stub upstream itself, without a proxy or TLS: what the clients and the stub cost by themselves.
    Stub,
    /// code-server with `--cert`.
    CodeServer,
    Nginx,
    Caddy,
    /// Doorcode as it is by default: with a session's cookie on every request.
    Doorcode,
    /// Doorcode with `auth.mode = "none"`.
    DoorcodeOpen,
    /// Doorcode with `auth.mode = "trusted-proxy"`: with the same signed assertion on every request.
    DoorcodeProxied,
}

impl Column {
    pub(crate) const ALL: [Self; 7] = [
        Self::Stub,
        Self::CodeServer,
        Self::Nginx,
        Self::Caddy,
        Self::Doorcode,
        Self::DoorcodeOpen,
        Self::DoorcodeProxied,
    ];

    pub(crate) fn title(self) -> &'static str {
        match self {
            Self::Stub => "stub, no TLS",
            Self::CodeServer => "code-server",
            Self::Nginx => "nginx",
            Self::Caddy => "Caddy",
            Self::Doorcode => "Doorcode",
            Self::DoorcodeOpen => "… auth none",
            Self::DoorcodeProxied => "… by proxy",
        }
    }
}

/// Something that can be started, more than once, and measured.
pub(crate) trait Contender {
    fn column(&self) -> Column;

    /// Starts its processes without waiting for them. The first is the one whose memory counts; they are ended in this
    /// order.
    fn launch(&self, site: &Site) -> Result<Vec<Process>, BenchError>;

    fn target(&self) -> &Target;

    fn extent(&self) -> Extent {
        Extent::Tree
    }
}

/// Everybody who can be measured with what this machine has, in the table's order.
pub(crate) fn prepare(site: &Site, upstream: Upstream) -> Result<Vec<Box<dyn Contender>>, BenchError> {
    let mut contenders: Vec<Box<dyn Contender>> = Vec::new();
    if upstream == Upstream::Stub {
        contenders.push(Box::new(stub::Stub::new(site)?));
    }
    if site.code_server.is_some() {
        contenders.push(Box::new(code_server::CodeServer::new(site)?));
    }
    if let Some(program) = &site.nginx {
        contenders.push(Box::new(nginx::Nginx::new(site, program, upstream)?));
    }
    if let Some(program) = &site.caddy {
        contenders.push(Box::new(caddy::Caddy::new(site, program, upstream)?));
    }
    if let Some(program) = &site.doorcode {
        contenders.push(Box::new(Doorcode::prepare(
            site,
            program,
            upstream,
            Auth::Password,
        )?));
        if upstream == Upstream::Stub {
            for auth in [Auth::None, Auth::TrustedProxy] {
                contenders.push(Box::new(Doorcode::prepare(site, program, upstream, auth)?));
            }
        }
    }
    Ok(contenders)
}

/// A contender that has been started. Dropping it ends its processes.
pub(crate) struct Running {
    pub(crate) column: Column,
    pub(crate) target: Target,
    pub(crate) extent: Extent,
    processes: Vec<Process>,
}

impl Running {
    pub(crate) fn launch(contender: &dyn Contender, site: &Site) -> Result<Self, BenchError> {
        Ok(Self {
            column: contender.column(),
            target: contender.target().clone(),
            extent: contender.extent(),
            processes: contender.launch(site)?,
        })
    }

    /// The process that answers.
    pub(crate) fn id(&self) -> u32 {
        self.processes[0].id()
    }

    /// Asks for `path` until the answer is 200.
    pub(crate) fn wait_until_ready(&mut self, path: &str) -> Result<(), BenchError> {
        wait_for(&mut self.processes, &self.target, path, |status| {
            status == StatusCode::OK
        })
    }
}

/// Asks for `path` until the answer's status is `wanted`, for as long as all `processes` live.
fn wait_for(
    processes: &mut [Process],
    target: &Target,
    path: &str,
    wanted: impl Fn(StatusCode) -> bool,
) -> Result<(), BenchError> {
    let deadline = Instant::now() + READY_LIMIT;
    loop {
        let last = match load::alone(path, client::once(target, path)) {
            Ok(answer) if wanted(answer.status) => return Ok(()),
            Ok(answer) => format!("status {}", answer.status.as_u16()),
            Err(error) => error.to_string(),
        };
        interrupt::check()?;
        processes.iter_mut().try_for_each(Process::check)?;
        if Instant::now() >= deadline {
            let front = &processes[0];
            let (name, log) = (front.name().to_owned(), front.last_lines());
            return Err(BenchError::NotReady {
                name,
                limit: READY_LIMIT,
                last,
                log,
            });
        }
        thread::sleep(READY_POLL);
    }
}
