//! Files and folders: ours, those that we rely on, and the folders above them.

use std::collections::BTreeSet;
use std::fs::Metadata;
use std::io;
use std::os::unix::fs::{FileTypeExt, MetadataExt};
use std::path::{Path, PathBuf};

use doorcode_audit::{Fix, Found, Kind, Place, Role};
use doorcode_settings::trusted_proxy::{KeySource, Proof};
use doorcode_settings::{Paths, Settings, Tls};

const FOLDER: u32 = 0o700;
const FILE: u32 = 0o600;
/// Whatever it was, but for what everybody may write.
const NOT_ALL_WRITE: u32 = 0o7775;

/// Who asks: the user, and their own group.
pub(super) fn us() -> (u32, u32) {
    (nix::unistd::geteuid().as_raw(), nix::unistd::getegid().as_raw())
}

/// Everything that is there; what is not is nobody's concern.
pub(super) fn look(paths: &Paths, settings: Option<&Settings>) -> Vec<Place> {
    let mut places = Vec::new();
    for base in [&paths.data_dir, &paths.state_dir, &paths.runtime_dir] {
        places.extend(base_folder(base));
    }
    for (base, name) in folders(paths) {
        places.extend(place(&base, &name, Role::Folder));
    }
    for (base, name) in listed(paths) {
        let entries = contents(&base, &name);
        // A link in a folder's place has been seen as that folder.
        let new: Vec<Place> = { entries.into_iter() }
            .filter(|entry| places.iter().all(|place| place.path != entry.path))
            .collect();
        places.extend(new);
    }
    places.extend(settings_file(&paths.settings_file));
    let mut below = vec![
        paths.data_dir.clone(),
        paths.state_dir.clone(),
        paths.runtime_dir.clone(),
        paths.settings_file.clone(),
    ];
    for (file, role) in settings.map(relied_on).unwrap_or_default() {
        let known = places.iter_mut().find(|place| place.path == file);
        match known {
            Some(place) => place.role = role,
            None => places.extend(persons(&file, role)),
        }
        below.push(file);
    }
    places.extend(above(&below));
    places
}

/// The folders that the engine makes, by the base that they are in.
fn folders(paths: &Paths) -> Vec<(PathBuf, PathBuf)> {
    let data = [
        paths.certs_dir(),
        paths.code_server_dir(),
        paths.cache_dir(),
        paths.editor_config_dir(),
        paths.editor_data_dir(),
        paths.editor_extensions_dir(),
    ];
    let runtime = paths.editor_socket().parent().map(Path::to_owned);
    let in_data = data.into_iter().map(|folder| (&paths.data_dir, folder));
    let in_runtime = runtime.into_iter().map(|folder| (&paths.runtime_dir, folder));
    in_data
        .chain(in_runtime)
        .filter_map(|(base, folder)| Some((base.clone(), folder.strip_prefix(base).ok()?.to_owned())))
        .collect()
}

/// The folders whose files are all ours.
fn listed(paths: &Paths) -> Vec<(PathBuf, PathBuf)> {
    let here = PathBuf::new();
    vec![
        (paths.data_dir.clone(), here.clone()),
        (paths.data_dir.clone(), PathBuf::from("certs")),
        (paths.data_dir.clone(), PathBuf::from("editor")),
        (paths.state_dir.clone(), here.clone()),
        (paths.runtime_dir.clone(), here),
    ]
}

/// The data, state or runtime folder. It may be a link that we or root made; such a one is looked at and not mended.
fn base_folder(base: &Path) -> Option<Place> {
    let (parent, name) = (base.parent()?, base.file_name()?);
    let link = base.symlink_metadata().ok()?;
    let ours = link.uid() == us().0 || link.uid() == 0;
    if link.is_symlink() && ours {
        return Some(Place {
            path: base.to_owned(),
            role: Role::Folder,
            found: base.metadata().map(|target| found(&target)).map_err(said),
            fix: None,
        });
    }
    place(parent, Path::new(name), Role::Folder)
}

/// What is at `name` below `base`, no link followed; none where nothing is.
fn place(base: &Path, name: &Path, role: Role) -> Option<Place> {
    let path = base.join(name);
    let found = match path.symlink_metadata() {
        Ok(metadata) => Ok(found(&metadata)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return None,
        Err(error) => Err(said(error)),
    };
    let keep = if role == Role::Folder { FOLDER } else { FILE };
    let fix = Fix {
        folder: base.to_owned(),
        name: name.to_owned(),
        keep,
    };
    let fix = Some(fix).filter(|_| found.is_ok());
    Some(Place {
        path,
        role,
        found,
        fix,
    })
}

/// Every file and link right below a folder; not through a link.
fn contents(base: &Path, name: &Path) -> Vec<Place> {
    let folder = base.join(name);
    let is_folder = |path: &Path| path.symlink_metadata().is_ok_and(|found| found.is_dir());
    if !name.as_os_str().is_empty() && !is_folder(&folder) {
        return Vec::new();
    }
    let entries = match folder.read_dir() {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Vec::new(),
        Err(error) => {
            return vec![Place {
                path: folder,
                role: Role::Folder,
                found: Err(said(error)),
                fix: None,
            }];
        }
    };
    let mut names: Vec<PathBuf> = entries
        .flatten()
        .map(|entry| name.join(entry.file_name()))
        .collect();
    names.sort();
    names
        .iter()
        // Folders have their turn by name, and sockets are as private as the folder that they are in.
        .filter(|name| {
            base.join(name)
                .symlink_metadata()
                .is_ok_and(|found| !found.is_dir() && !found.file_type().is_socket())
        })
        .filter_map(|name| place(base, name, role_of(name)))
        .collect()
}

fn role_of(name: &Path) -> Role {
    let file = name.file_name().unwrap_or_default().to_string_lossy();
    // A key that was set aside is `.key.bak-…`.
    if name.starts_with("certs") && (file.ends_with(".key") || file.contains(".key.")) {
        Role::Key
    } else if file == "password.argon2id" {
        Role::Secret
    } else {
        Role::File
    }
}

fn settings_file(file: &Path) -> Option<Place> {
    let target = match file.metadata() {
        Ok(target) => target,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return None,
        Err(error) => {
            return Some(Place {
                path: file.to_owned(),
                role: Role::Settings,
                found: Err(said(error)),
                fix: None,
            });
        }
    };
    let (folder, name) = (file.parent()?.to_owned(), PathBuf::from(file.file_name()?));
    let fix = Fix {
        folder,
        name,
        keep: NOT_ALL_WRITE,
    };
    // `--settings /dev/null` is one way to have the defaults.
    let is_null = target.file_type().is_char_device();
    (!is_null).then(|| Place {
        path: file.to_owned(),
        role: Role::Settings,
        found: Ok(found(&target)),
        fix: Some(fix).filter(|_| !file.is_symlink()),
    })
}

/// The files that the settings name.
fn relied_on(settings: &Settings) -> Vec<(PathBuf, Role)> {
    let mut files = Vec::new();
    if let Tls::Custom { cert, key } = &settings.tls {
        files.extend([(cert.clone(), Role::Authority), (key.clone(), Role::Key)]);
    }
    match super::uses_proxy(settings).map(|proxy| &proxy.proof) {
        Some(Proof::Header { secret_file, .. }) => files.push((secret_file.clone(), Role::Secret)),
        Some(Proof::Mtls { client_ca }) => files.push((client_ca.clone(), Role::Authority)),
        Some(Proof::Assertion(assertion)) => {
            if let KeySource::File(file) = &assertion.keys {
                files.push((file.clone(), Role::Authority));
            }
        }
        _ => {}
    }
    files
}

/// A file that a person keeps: a link may lead to it, and others may have been given a part in it on purpose, so that its mode
/// is theirs to change.
pub(super) fn persons(file: &Path, role: Role) -> Option<Place> {
    let found = match file.metadata() {
        Ok(target) => Ok(found(&target)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return None,
        Err(error) => Err(said(error)),
    };
    Some(Place {
        path: file.to_owned(),
        role,
        found,
        fix: None,
    })
}

/// The folders above these, links resolved, each once.
pub(super) fn above(below: &[PathBuf]) -> Vec<Place> {
    let mut folders = BTreeSet::new();
    for path in below {
        if let Some(parent) = path.parent().and_then(|parent| parent.canonicalize().ok()) {
            folders.extend(parent.ancestors().map(Path::to_owned));
        }
        // Where a link stands and where it leads are both above.
        if let Some(parent) = path.canonicalize().ok().as_deref().and_then(Path::parent) {
            folders.extend(parent.ancestors().map(Path::to_owned));
        }
    }
    folders
        .iter()
        .filter_map(|folder| persons(folder, Role::Above))
        .collect()
}

fn found(metadata: &Metadata) -> Found {
    let kind = metadata.file_type();
    Found {
        kind: if kind.is_symlink() {
            Kind::Link
        } else if kind.is_file() {
            Kind::File
        } else if kind.is_dir() {
            Kind::Folder
        } else if kind.is_socket() {
            Kind::Socket
        } else {
            Kind::Other
        },
        mode: metadata.mode() & 0o7777,
        owner: metadata.uid(),
        group: metadata.gid(),
        names: metadata.nlink(),
    }
}

fn said(error: io::Error) -> String {
    error.to_string()
}
