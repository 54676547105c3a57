//! The devices that have passed a check, whether an engine runs or not.

use doorcode_engine::{Device, EngineLock, Reply, Request, devices_on_disk, forget_device_on_disk};
use doorcode_settings::{Paths, Problem, Settings};

use crate::{blocking, control};

/// All of them, the one checked last first.
///
/// # Errors
/// As [`control::ask_over`], or when the files cannot be used.
pub async fn list(paths: &Paths) -> Result<Vec<Device>, Problem> {
    if let Some(mut client) = control::connect(paths).await? {
        return match control::ask_over(&mut client, &Request::Devices).await? {
            Reply::Devices { devices } => Ok(devices),
            _ => Err(control::unexpected()),
        };
    }
    let paths = paths.clone();
    blocking(move || {
        let settings = Settings::load(&paths.settings_file).map_err(|error| Problem::from(&error))?;
        devices_on_disk(&paths, &settings)
    })
    .await
}

/// Forgets the device called `id`. It goes on trusting the host; only the device itself can end that.
///
/// # Errors
/// `device_unknown`, and as [`list`].
pub async fn forget(paths: &Paths, id: &str) -> Result<(), Problem> {
    if let Some(mut client) = control::connect(paths).await? {
        let request = Request::DevicesForget { id: id.to_owned() };
        return match control::ask_over(&mut client, &request).await? {
            Reply::Done => Ok(()),
            _ => Err(control::unexpected()),
        };
    }
    let (paths, id) = (paths.clone(), id.to_owned());
    blocking(move || {
        paths.create().map_err(|error| Problem::from(&error))?;
        // No engine may start meanwhile and write what it has read.
        let _lock = EngineLock::acquire(&paths.lock_file(), &paths.control_socket())
            .map_err(|error| Problem::from(&error))?;
        forget_device_on_disk(&paths, &id)
    })
    .await
}

#[cfg(test)]
mod tests {
    use doorcode_engine::DeviceTrust;

    use super::*;

    #[tokio::test]
    async fn devices_are_listed_and_forgotten_without_an_engine() {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let within = |name: &str| dir.path().join(name);
        let paths = Paths {
            settings_file: within("settings.toml"),
            data_dir: within("data"),
            state_dir: within("state"),
            runtime_dir: within("run"),
        };
        paths.create().expect("made");
        let json = r#"[{"id":"one","name":"Firefox 153 on Linux","client":"127.0.0.1","host":"localhost","fingerprint":"AA",
            "verified_at":"2026-01-02T03:04:05Z"}]"#;
        doorcode_settings::files::write_private(&paths.devices_file(), json.as_bytes()).expect("written");
        let devices = list(&paths).await.expect("listed");
        assert_eq!(devices.len(), 1);
        assert_eq!(
            devices[0].trust,
            DeviceTrust::Lost,
            "there is no certificate, so it trusts none"
        );
        assert_eq!(
            forget(&paths, "two").await.expect_err("refused").code,
            "device_unknown"
        );
        forget(&paths, "one").await.expect("forgotten");
        assert!(list(&paths).await.expect("listed").is_empty());
    }
}
