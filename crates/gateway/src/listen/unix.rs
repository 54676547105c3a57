//! Listening on a unix socket, for a proxy on the same machine.
//!
//! Who may connect is decided by the folder and the socket's mode, since nothing else tells who is at the other end.

use std::fs::{self, Permissions};
use std::io::{self, ErrorKind};
use std::os::unix::fs::{FileTypeExt, MetadataExt, PermissionsExt, chown};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};

use socket2::{Domain, SockAddr, Socket, Type};

use crate::error::GatewayError;
use crate::tuning::BACKLOG;

/// The file of a socket. It is removed when this is dropped, unless somebody has put another in its place.
#[derive(Debug)]
pub(crate) struct SocketFile {
    path: PathBuf,
    /// Device and inode.
    id: (u64, u64),
}

/// Listens at `path`, for ourselves alone. Where the folder is made for a group (set-group-ID, closed to others, as `install -d -m 2750 -g
/// GROUP` makes it), the socket is for that group too: such a folder is how a person says which other user is the proxy.
pub(super) fn listen(path: &Path) -> Result<(UnixListener, SocketFile), GatewayError> {
    let failed = |source| GatewayError::ListenSocket {
        path: path.to_owned(),
        source,
    };
    let unsafe_folder = |reason| GatewayError::SocketFolder {
        path: path.to_owned(),
        reason,
    };
    let folder = path.parent().unwrap_or(Path::new("/"));
    let found = fs::metadata(folder).map_err(|error| unsafe_folder(error.to_string()))?;
    let us = nix::unistd::geteuid().as_raw();
    if found.uid() != us && found.uid() != 0 {
        return Err(unsafe_folder(format!("it belongs to user {}", found.uid())));
    }
    // Its group too: whoever can put a link in the socket's place would have the mode of what it leads to changed below.
    if found.mode() & 0o022 != 0 {
        let reason = format!(
            "others can put a socket of their own there (its mode is {:o})",
            found.mode() & 0o7777
        );
        return Err(unsafe_folder(reason));
    }
    make_way(path)?;
    let socket = Socket::new(Domain::UNIX, Type::STREAM, None).map_err(failed)?;
    socket
        .bind(&SockAddr::unix(path).map_err(failed)?)
        .map_err(failed)?;
    let file = SocketFile::of(path).map_err(failed)?;
    // Before it listens: until then nobody can connect, whatever mode the file was made with.
    admit(path, found.mode(), found.gid()).map_err(failed)?;
    socket.listen(BACKLOG).map_err(failed)?;
    socket.set_nonblocking(true).map_err(failed)?;
    Ok((socket.into(), file))
}

/// Not by the group's rights alone: a folder's group often is one that everybody on the machine belongs to.
fn is_for_its_group(folder_mode: u32) -> bool {
    const SET_GROUP_ID: u32 = 0o2000;
    const GROUP_ENTERS: u32 = 0o010;
    const OTHERS: u32 = 0o007;
    folder_mode & (SET_GROUP_ID | GROUP_ENTERS | OTHERS) == SET_GROUP_ID | GROUP_ENTERS
}

fn admit(path: &Path, folder_mode: u32, folder_group: u32) -> io::Result<()> {
    let mut mode = 0o600;
    if is_for_its_group(folder_mode) {
        chown(path, None, Some(folder_group))?;
        mode = 0o660;
    }
    fs::set_permissions(path, Permissions::from_mode(mode))
}

/// Removes a socket that nobody listens on any more, and nothing else.
fn make_way(path: &Path) -> Result<(), GatewayError> {
    let failed = |source| GatewayError::ListenSocket {
        path: path.to_owned(),
        source,
    };
    let found = match fs::symlink_metadata(path) {
        Ok(found) => found,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(failed(error)),
    };
    if !found.file_type().is_socket() {
        return Err(GatewayError::SocketInTheWay {
            path: path.to_owned(),
        });
    }
    match UnixStream::connect(path) {
        Err(error) if error.kind() == ErrorKind::ConnectionRefused => fs::remove_file(path).map_err(failed),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        _ => Err(GatewayError::SocketBusy {
            path: path.to_owned(),
        }),
    }
}

impl SocketFile {
    fn of(path: &Path) -> io::Result<SocketFile> {
        Ok(SocketFile {
            path: path.to_owned(),
            id: id(path)?,
        })
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }
}

fn id(path: &Path) -> io::Result<(u64, u64)> {
    let found = fs::symlink_metadata(path)?;
    Ok((found.dev(), found.ino()))
}

impl Drop for SocketFile {
    fn drop(&mut self) {
        if id(&self.path).is_ok_and(|now| now == self.id) {
            // What is left behind is found and removed by the next start.
            let _ = fs::remove_file(&self.path);
        }
    }
}

#[cfg(test)]
mod tests {
    use doorcode_settings::Problem;

    use super::*;

    fn folder(mode: u32) -> tempfile::TempDir {
        let dir = tempfile::tempdir().expect("a folder");
        fs::set_permissions(dir.path(), Permissions::from_mode(mode)).expect("set");
        dir
    }

    fn mode(path: &Path) -> u32 {
        fs::symlink_metadata(path).expect("it is there").mode() & 0o777
    }

    fn code(path: &Path) -> String {
        Problem::from(&listen(path).expect_err("refused")).code
    }

    #[test]
    fn a_socket_is_ours_alone_unless_the_folder_has_a_group() {
        for usual in [0o700, 0o755, 0o750, 0o2755] {
            let private = folder(usual);
            let path = private.path().join("door.sock");
            let (_listener, file) = listen(&path).expect("listening");
            assert_eq!(mode(&path), 0o600, "{usual:o}");
            assert_eq!(code(&path), "socket_busy", "somebody answers");
            drop(file);
            assert!(!path.exists());
        }
        let shared = folder(0o2750);
        let path = shared.path().join("door.sock");
        let _listening = listen(&path).expect("listening");
        assert_eq!(mode(&path), 0o660);
        assert_eq!(
            fs::metadata(&path).expect("there").gid(),
            fs::metadata(shared.path()).expect("there").gid()
        );
    }

    #[test]
    fn a_socket_that_nobody_answers_makes_way_and_nothing_else_does() {
        let dir = folder(0o700);
        let path = dir.path().join("door.sock");
        drop(UnixListener::bind(&path).expect("a socket"));
        assert!(path.exists(), "left behind");
        let (_listener, file) = listen(&path).expect("in its place");
        drop(file);

        fs::write(&path, "precious").expect("written");
        assert_eq!(code(&path), "socket_in_the_way");
        assert_eq!(fs::read(&path).expect("still there"), b"precious");
    }

    #[test]
    fn a_folder_that_others_write_to_is_refused() {
        let dir = folder(0o777);
        assert_eq!(code(&dir.path().join("door.sock")), "socket_folder");
        let sticky = folder(0o1777);
        assert_eq!(code(&sticky.path().join("door.sock")), "socket_folder");
        assert_eq!(code(&dir.path().join("missing/door.sock")), "socket_folder");
        for its_group_writes in [0o770, 0o775, 0o2770] {
            let folder = folder(its_group_writes);
            let path = folder.path().join("door.sock");
            assert_eq!(code(&path), "socket_folder", "{its_group_writes:o}");
            assert!(!path.exists());
        }
    }

    #[test]
    fn somebody_elses_socket_in_our_place_is_left_alone() {
        let dir = folder(0o700);
        let path = dir.path().join("door.sock");
        let (_listener, file) = listen(&path).expect("listening");
        fs::rename(&path, dir.path().join("aside")).expect("moved");
        let _other = UnixListener::bind(&path).expect("another");
        drop(file);
        assert!(path.exists());
    }
}
