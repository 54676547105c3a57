//! Where the door can be reached.

use std::net::IpAddr;
use std::os::unix::fs::{FileTypeExt, MetadataExt};
use std::path::Path;

use doorcode_audit::ListenSocket;
use doorcode_settings::{ListenAddress, Settings};

/// The addresses of this machine's interfaces, loopback left out.
pub(super) fn own_addresses() -> Vec<IpAddr> {
    let interfaces = if_addrs::get_if_addrs().unwrap_or_default().into_iter();
    interfaces
        .filter(|interface| !interface.is_loopback())
        .map(|interface| interface.ip())
        .collect()
}

/// The unix sockets that are listened on, where they are there.
pub(super) fn listen_sockets(settings: &Settings) -> Vec<ListenSocket> {
    let socket = |address: &ListenAddress| match address {
        ListenAddress::Tcp(_) => None,
        ListenAddress::Unix(path) => {
            let mode = path.symlink_metadata().ok()?.mode() & 0o7777;
            Some(ListenSocket {
                path: path.clone(),
                mode,
                open_to_all: open_to_all(path),
            })
        }
    };
    settings.gateway.listen.iter().filter_map(socket).collect()
}

/// Whether every user of this machine can connect to the socket: that takes writing it (unix(7)) and passing through every
/// folder above.
pub(super) fn open_to_all(socket: &Path) -> bool {
    let passable = |folder: &Path| folder.metadata().is_ok_and(|found| found.mode() & 0o001 != 0);
    let found = socket.metadata();
    found.is_ok_and(|found| found.file_type().is_socket() && found.mode() & 0o002 != 0)
        && socket.ancestors().skip(1).all(passable)
}

#[cfg(test)]
mod tests {
    use std::fs::{Permissions, set_permissions};
    use std::os::unix::fs::PermissionsExt;
    use std::os::unix::net::UnixListener;

    use super::*;

    #[test]
    fn a_socket_is_open_when_it_and_every_folder_above_is() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("door.sock");
        let _listener = UnixListener::bind(&path).expect("bound");
        let set = |path: &Path, mode| set_permissions(path, Permissions::from_mode(mode)).expect("ours");
        set(&path, 0o666);
        set(folder.path(), 0o711);
        assert!(open_to_all(&path));
        set(folder.path(), 0o700);
        assert!(!open_to_all(&path), "nobody else gets through the folder");
        set(folder.path(), 0o711);
        set(&path, 0o660);
        assert!(!open_to_all(&path), "nobody else may connect");
    }
}
