//! Folders and files for one person's eyes only.

#![allow(clippy::unwrap_used, reason = "a test fails where it stands")]

use std::fs;
use std::io::ErrorKind;
use std::os::unix::fs::{PermissionsExt, chown, symlink};
use std::path::{Path, PathBuf};

use doorcode_settings::{Paths, Problem, files};

fn mode(path: &Path) -> u32 {
    path.metadata().unwrap().permissions().mode() & 0o777
}

fn paths_in(folder: &Path) -> Paths {
    Paths {
        settings_file: folder.join("config/settings.toml"),
        data_dir: folder.join("data"),
        state_dir: folder.join("state"),
        runtime_dir: folder.join("run"),
    }
}

#[test]
fn create_makes_private_folders_and_tightens_loose_ones() {
    let folder = tempfile::tempdir().unwrap();
    let paths = paths_in(folder.path());
    fs::create_dir_all(paths.certs_dir()).unwrap();
    fs::set_permissions(paths.certs_dir(), fs::Permissions::from_mode(0o755)).unwrap();
    paths.create().unwrap();
    let editor_socket_dir = paths.editor_socket().parent().unwrap().to_owned();
    for made in [
        paths.settings_file.parent().unwrap(),
        &paths.data_dir,
        &paths.state_dir,
        &paths.runtime_dir,
        &paths.certs_dir(),
        &paths.code_server_dir(),
        &paths.cache_dir(),
        &paths.editor_data_dir(),
        &paths.editor_extensions_dir(),
        &editor_socket_dir,
    ] {
        assert_eq!(mode(made), 0o700, "{}", made.display());
    }
    assert_ne!(
        editor_socket_dir, paths.runtime_dir,
        "the editor's socket has a folder of its own"
    );
    paths.create().unwrap();
}

#[test]
fn a_shared_folder_around_the_settings_file_stays_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
    let paths = Paths {
        settings_file: folder.path().join("settings.toml"),
        ..paths_in(folder.path())
    };
    paths.create().unwrap();
    assert_eq!(mode(folder.path()), 0o755);
}

#[test]
fn a_folder_that_is_not_ours_is_refused_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let theirs = folder.path().join("theirs");
    fs::create_dir(&theirs).unwrap();
    // Only root can give a folder away; for everybody else /etc is somebody else's.
    let theirs = if chown(&theirs, Some(12_345), None).is_ok() {
        theirs
    } else {
        PathBuf::from("/etc")
    };
    let before = mode(&theirs);
    let error = files::private_dir(&theirs).expect_err("somebody else's");
    assert_eq!(error.kind(), ErrorKind::PermissionDenied);
    assert_eq!(mode(&theirs), before);

    let link = folder.path().join("link");
    symlink(&theirs, &link).unwrap();
    assert!(files::private_dir(&link).is_err(), "a link to somebody else's");
    let paths = Paths {
        state_dir: theirs.clone(),
        ..paths_in(folder.path())
    };
    let problem = Problem::from(&paths.create().expect_err("somebody else's"));
    assert_eq!(problem.code, "folder_unusable");
    assert!(
        problem.message.contains(&theirs.display().to_string()) && problem.message.contains("user"),
        "{problem}"
    );
}

#[test]
fn a_file_in_a_folders_place_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("file");
    fs::write(&path, "x").unwrap();
    assert!(files::private_dir(&path).is_err());
    let ours = folder.path().join("ours");
    fs::create_dir(&ours).unwrap();
    let link = folder.path().join("link");
    symlink(&ours, &link).unwrap();
    files::private_dir(&link).unwrap();
    assert_eq!(mode(&ours), 0o700, "our own link to our own folder is fine");
}

#[test]
fn private_files_are_replaced_whole_and_read_only_when_private() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("secret");
    fs::write(&path, "old").unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
    assert_eq!(
        files::read_private(&path).expect_err("for all to read").kind(),
        ErrorKind::PermissionDenied
    );
    files::write_private(&path, b"new").unwrap();
    assert_eq!(mode(&path), 0o600);
    assert_eq!(files::read_private(&path).unwrap(), b"new");
    assert_eq!(
        fs::read_dir(folder.path()).unwrap().count(),
        1,
        "no temporary file is left"
    );

    assert_eq!(
        files::read_private(folder.path()).expect_err("a folder").kind(),
        ErrorKind::InvalidInput
    );
    assert_eq!(
        files::read_private(&folder.path().join("none"))
            .expect_err("none")
            .kind(),
        ErrorKind::NotFound
    );
    assert!(files::write_private(&folder.path().join("none/secret"), b"x").is_err());
    let target = folder.path().join("folder");
    fs::create_dir(&target).unwrap();
    assert!(files::write_private(&target, b"x").is_err());
    assert_eq!(
        fs::read_dir(folder.path()).unwrap().count(),
        2,
        "nothing is left of a failed attempt"
    );
}

#[test]
fn discovered_paths_are_absolute_and_fit_into_a_socket() {
    let paths = Paths::discover(Some(Path::new("mine.toml"))).unwrap();
    assert_eq!(
        paths.settings_file,
        std::env::current_dir().unwrap().join("mine.toml")
    );
    for path in [&paths.data_dir, &paths.state_dir, &paths.runtime_dir] {
        assert!(
            path.is_absolute() && path.ends_with("doorcode") || path.ends_with("run"),
            "{}",
            path.display()
        );
    }
    let default = Paths::discover(None).unwrap();
    assert!(
        default.settings_file.ends_with("doorcode/settings.toml"),
        "{}",
        default.settings_file.display()
    );

    let deep = Paths {
        runtime_dir: PathBuf::from("/").join("deep".repeat(30)),
        ..default
    };
    let problem = Problem::from(&deep.create().expect_err("too long"));
    assert_eq!(problem.code, "socket_path_too_long");
}
