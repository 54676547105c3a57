//! The stub upstream by itself: the ceiling that the clients and the stub set for everybody.

use std::path::PathBuf;

use crate::contenders::upstream::Upstream;
use crate::contenders::{Column, Contender};
use crate::error::BenchError;
use crate::load::target::Target;
use crate::process::Process;
use crate::site::Site;

pub(crate) struct Stub {
    home: PathBuf,
    socket: PathBuf,
    target: Target,
}

impl Stub {
    pub(crate) fn new(site: &Site) -> Result<Self, BenchError> {
        let home = site.folder("direct")?;
        let socket = home.join("sock");
        Ok(Self {
            target: Target::unix(socket.clone()),
            home,
            socket,
        })
    }
}

impl Contender for Stub {
    fn column(&self) -> Column {
        Column::Stub
    }

    fn launch(&self, site: &Site) -> Result<Vec<Process>, BenchError> {
        Ok(vec![Upstream::Stub.launch(site, &self.home, &self.socket)?])
    }

    fn target(&self) -> &Target {
        &self.target
    }
}
