use std::fs;
use std::os::unix::fs::symlink;

use tempfile::TempDir;

use super::*;

fn folder() -> TempDir {
    tempfile::tempdir().expect("a temporary folder")
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).expect("there").permissions().mode() & 0o7777
}

fn set(path: &Path, mode: u32) {
    fs::set_permissions(path, Permissions::from_mode(mode)).expect("ours");
}

fn fix(folder: &Path, name: &str, keep: u32) -> Fix {
    Fix {
        folder: folder.to_owned(),
        name: name.into(),
        keep,
    }
}

#[test]
fn a_mode_is_tightened_once_and_never_widened() {
    let home = folder();
    fs::create_dir(home.path().join("certs")).expect("made");
    let key = home.path().join("certs/a.key");
    fs::write(&key, "secret").expect("written");
    set(&key, 0o444);
    let fix = fix(home.path(), "certs/a.key", 0o600);
    assert_eq!(fix.apply().expect("made"), Some((0o444, 0o400)));
    assert_eq!(mode(&key), 0o400, "what the owner had not is not given");
    assert_eq!(fix.apply().expect("made"), None);
}

#[test]
fn a_link_is_never_followed_whichever_part_of_the_path_it_is() {
    let (home, other) = (folder(), folder());
    let precious = other.path().join("precious");
    fs::write(&precious, "not ours to touch").expect("written");
    set(&precious, 0o644);
    set(other.path(), 0o755);

    symlink(&precious, home.path().join("a.key")).expect("linked");
    symlink(other.path(), home.path().join("certs")).expect("linked");
    symlink(home.path(), other.path().join("home")).expect("linked");
    let through_folder = fix(&other.path().join("home"), "b", 0o600);
    fs::write(home.path().join("b"), "").expect("written");
    set(&home.path().join("b"), 0o644);
    for fix in [
        fix(home.path(), "a.key", 0o600),
        fix(home.path(), "certs", 0o700),
        fix(home.path(), "certs/precious", 0o600),
        fix(home.path(), "../precious", 0o600),
        through_folder,
    ] {
        assert!(matches!(fix.apply(), Err(FixError::Link)), "{fix:?}");
    }
    assert_eq!((mode(&precious), mode(other.path())), (0o644, 0o755));
    assert_eq!(mode(&home.path().join("b")), 0o644);
}

#[test]
fn a_file_with_a_second_name_a_fifo_and_a_missing_one_are_left_alone() {
    let home = folder();
    let file = home.path().join("file");
    fs::write(&file, "").expect("written");
    set(&file, 0o644);
    fs::hard_link(&file, home.path().join("again")).expect("linked");
    assert!(matches!(
        fix(home.path(), "file", 0o600).apply(),
        Err(FixError::SecondName)
    ));
    assert_eq!(mode(&file), 0o644);

    nix::unistd::mkfifo(&home.path().join("pipe"), Mode::from_bits_truncate(0o644)).expect("made");
    assert!(matches!(
        fix(home.path(), "pipe", 0o600).apply(),
        Err(FixError::WrongKind)
    ));
    assert!(matches!(
        fix(home.path(), "gone", 0o600).apply(),
        Err(FixError::System(_))
    ));
}

/// Where the tests run as root, who may give files away.
#[test]
fn what_belongs_to_somebody_else_is_left_alone() {
    if !geteuid().is_root() {
        return;
    }
    let home = folder();
    let file = home.path().join("file");
    fs::write(&file, "").expect("written");
    set(&file, 0o644);
    std::os::unix::fs::chown(&file, Some(65_534), None).expect("root may");
    assert!(matches!(
        fix(home.path(), "file", 0o600).apply(),
        Err(FixError::NotOurs)
    ));
    assert_eq!(mode(&file), 0o644);
}
