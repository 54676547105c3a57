//! Whether it is the door that answers at an address. What listens on the door's port where the door itself does not may pass
//! connections on to it; nothing but a request that arrives at the door tells that, since anybody can have a copy of its certificate.

use std::net::{IpAddr, SocketAddr};

use super::sign_in::{Target, ask_door};
use crate::dial::Ask;
use crate::report::{Cause, FixAction};
use crate::subject::{Door, Served};

/// Whether the door listens at `address`, so that nobody else does.
pub(crate) fn listens(door: &Door, address: SocketAddr) -> bool {
    let mut bound = door.listen.iter().filter_map(|address| address.tcp());
    bound.any(|bound| bound.port() == address.port() && takes(&bound, address.ip()))
}

/// Whether a listener at `bound` gets what is sent to `ip`.
pub(crate) fn takes(bound: &SocketAddr, ip: IpAddr) -> bool {
    match bound.ip() {
        IpAddr::V4(any) if any.is_unspecified() => ip.is_ipv4(),
        IpAddr::V6(any) if any.is_unspecified() => ip.is_ipv6(),
        bound => bound == ip,
    }
}

/// Whether a request that is sent to `address` arrives at the door.
pub(crate) async fn arrives(door: &Door, served: &Served, address: SocketAddr) -> bool {
    let visit = door.visits.expect();
    let target = Target::of(&served.host, address);
    let question = Ask {
        host: &target.authority,
        path: &visit.path,
        websocket: None,
    };
    // What is answered does not matter, nor whether anything is.
    let _ = ask_door(door, &target, &question).await;
    !door.visits.arrivals(&visit).is_empty()
}

/// Somebody else gets the visitors of `served`; `which` says what is known of them, after a comma.
pub(crate) fn cause(served: &Served, address: SocketAddr, which: &str) -> Cause {
    let (host, port) = (&served.host, address.port());
    Cause::critical(
        "other_server",
        format!("{host} leads to another server at {address}{which}"),
        format!(
            "`sudo ss -ltnp 'sport = :{port}'` shows which program that is; end it with `sudo kill PID`. Or choose another port under \
             [gateway], such as `listen = [\"127.0.0.1:{}\"]`: `doorcode settings edit`, then `doorcode stop --engine` and `doorcode up`",
            other_port(port)
        ),
    )
    .with_action(FixAction::OpenSettings)
}

/// A port that is not taken yet, most likely.
fn other_port(port: u16) -> u16 {
    port.checked_add(1).unwrap_or(8443)
}
