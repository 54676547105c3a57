//! The window's types, written from this program's own: `ui/src/platform/bindings`. One that has changed fails a test here and
//! then, once it is written anew, the window's type check.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use ts_rs::{Config, TS};

/// Writes those that a command or an event carries, and what they are made of.
fn export(folder: &Path) {
    // JSON has one kind of number; none of ours comes near 2^53.
    let config = Config::new().with_large_int("number").with_out_dir(folder);
    macro_rules! export {
        ($($exported:ty),* $(,)?) => {
            $(<$exported>::export_all(&config).expect("the folder can be written to");)*
        };
    }
    export!(
        crate::commands::told::About,
        crate::commands::told::CertificateView,
        crate::commands::told::CheckBegun,
        crate::commands::told::Desktop,
        crate::commands::told::Explained,
        crate::commands::told::FoundEditor,
        crate::commands::told::Freed,
        crate::commands::told::InstallProgress,
        crate::commands::told::LogLines,
        crate::commands::told::Qr,
        crate::commands::told::Revoked,
        crate::commands::told::TrustEvent,
        crate::engine_link::Snapshot,
        crate::welcome::Progress,
        crate::welcome::Step,
        crate::window::Navigate,
        doorcode_actions::settings_form::SettingsView,
        doorcode_engine::CheckResult,
        doorcode_engine::Device,
        doorcode_engine::Event,
        doorcode_engine::HealthView,
        doorcode_engine::OnboardingReply,
        doorcode_engine::PasswordReply,
        doorcode_engine::PasswordState,
        doorcode_engine::Reloaded,
        doorcode_gateway::ConnectionView,
        doorcode_gateway::SessionView,
        doorcode_health::Report,
        doorcode_settings::Problem,
        doorcode_settings::trusted_proxy::Missing,
        doorcode_trust::TrustReport,
    );
    let names = read(folder).into_keys();
    let index: String = names
        .filter_map(|file| {
            let name = file.strip_suffix(".ts")?.to_owned();
            Some(format!("export type {{ {name} }} from './{name}';\n"))
        })
        .collect();
    fs::write(folder.join("index.ts"), index).expect("the folder can be written to");
}

fn read(folder: &Path) -> BTreeMap<String, String> {
    let files = fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    files
        .map(|file| {
            let path = file.expect("listed").path();
            let name = path.file_name().expect("a file").to_string_lossy().into_owned();
            (name, fs::read_to_string(&path).expect("readable"))
        })
        .collect()
}

fn committed() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("ui/src/platform/bindings")
}

#[test]
fn the_window_knows_the_types_of_this_program() {
    let fresh = tempfile::tempdir().expect("a temporary folder");
    export(fresh.path());
    let (written, wanted) = (read(&committed()), read(fresh.path()));
    let names = |files: &BTreeMap<String, String>| files.keys().cloned().collect::<Vec<_>>();
    let again = "cargo test -p doorcode-desktop write_bindings -- --ignored";
    assert_eq!(names(&written), names(&wanted), "write them anew: {again}");
    for (name, text) in wanted {
        assert_eq!(written[&name], text, "{name}: write it anew: {again}");
    }
}

#[test]
#[ignore = "writes into ui/src, when a type has changed"]
fn write_bindings() {
    let folder = committed();
    if folder.exists() {
        fs::remove_dir_all(&folder).expect("the old ones can be removed");
    }
    fs::create_dir_all(&folder).expect("made");
    export(&folder);
}
