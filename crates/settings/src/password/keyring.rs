//! The OS keyring: Secret Service on Linux, Keychain on macOS (unverified there).
//!
//! The library blocks, panics on a thread of an async runtime, and waits for as long as a person leaves a question unanswered. So each
//! call runs on a plain thread, and is left to itself after a few seconds.
//!
//! Each call also opens a session of its own: the keyring's process may be replaced while this one runs, and a session ends with the
//! process that gave it.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{RecvTimeoutError, sync_channel};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use keyring::Entry;
use zeroize::Zeroizing;

use super::{Password, PasswordError};

const SERVICE: &str = "doorcode";
const USER: &str = "password";
const LIMIT: Duration = Duration::from_secs(5);

/// What a keyring said, where there is one.
pub(super) enum Answer<T> {
    /// There is no keyring on this machine or in this session, and this process has not met one.
    NoKeyring,
    Answered(T),
}

/// The kept password; None when the keyring has none.
pub(super) fn read() -> Result<Answer<Option<Password>>, PasswordError> {
    let text = within_limit(|| {
        entry()?.map_or(Ok(Answer::NoKeyring), |entry| match entry.get_password() {
            Ok(text) => Ok(Answer::Answered(Some(Zeroizing::new(text)))),
            Err(keyring::Error::NoEntry) => Ok(Answer::Answered(None)),
            Err(error) => Err(failure(&error)),
        })
    })?;
    match text {
        Answer::NoKeyring => Ok(Answer::NoKeyring),
        Answer::Answered(None) => Ok(Answer::Answered(None)),
        Answer::Answered(Some(text)) => {
            let password = Password::parse(text.to_string()).map_err(PasswordError::KeptRefused)?;
            Ok(Answer::Answered(Some(password)))
        }
    }
}

/// Keeps the password in place of the old one.
pub(super) fn write(password: &Password) -> Result<Answer<()>, PasswordError> {
    let password = password.clone();
    within_limit(move || {
        entry()?.map_or(Ok(Answer::NoKeyring), |entry| {
            entry
                .set_password(password.expose())
                .map(Answer::Answered)
                .map_err(|error| failure(&error))
        })
    })
}

/// Whether the keyring is there and open, found out without asking its owner anything. Where that cannot be told, false.
#[cfg(target_os = "linux")]
pub(super) fn is_open() -> bool {
    use secret_service::EncryptionType;
    use secret_service::blocking::SecretService;

    let failed = |error: secret_service::Error| PasswordError::KeyringFailed(error.to_string());
    let open = within_limit(move || {
        // Nothing secret goes over this session.
        let service = SecretService::connect(EncryptionType::Plain).map_err(failed)?;
        let collection = service.get_default_collection().map_err(failed)?;
        Ok(!collection.is_locked().map_err(failed)?)
    });
    open.unwrap_or(false)
}

#[cfg(not(target_os = "linux"))]
pub(super) fn is_open() -> bool {
    false
}

fn entry() -> Result<Option<Entry>, PasswordError> {
    /// One that was there once and is gone has failed: to do without it would be to forget the password that it keeps.
    static MET: AtomicBool = AtomicBool::new(false);
    match open() {
        Ok(entry) => {
            MET.store(true, Ordering::Relaxed);
            Ok(Some(entry))
        }
        Err(error) if MET.load(Ordering::Relaxed) => Err(failure(&error)),
        Err(error) => {
            tracing::debug!(%error, "no keyring");
            Ok(None)
        }
    }
}

/// `keyring` itself opens one session a process, so it is given the one of this call.
#[cfg(target_os = "linux")]
fn open() -> keyring::Result<Entry> {
    use keyring_core::api::CredentialStoreApi;
    use zbus_secret_service_keyring_store::Store;

    let inner = Store::new()?.build(SERVICE, USER, None)?;
    Ok(Entry { inner })
}

/// There are no sessions elsewhere.
#[cfg(not(target_os = "linux"))]
fn open() -> keyring::Result<Entry> {
    Entry::new(SERVICE, USER)
}

/// A call that was given up: until it comes back, another would only wait behind it.
static GIVEN_UP: Mutex<Option<JoinHandle<()>>> = Mutex::new(None);

fn within_limit<T: Send + 'static>(
    call: impl FnOnce() -> Result<T, PasswordError> + Send + 'static,
) -> Result<T, PasswordError> {
    if given_up().as_ref().is_some_and(|thread| !thread.is_finished()) {
        return Err(PasswordError::KeyringTimedOut(LIMIT.as_secs()));
    }
    let (sender, receiver) = sync_channel(1);
    let thread = std::thread::Builder::new()
        .name("keyring".into())
        .spawn(move || {
            let _ = sender.send(call()); // given up: nobody to tell
        })
        .map_err(|error| PasswordError::KeyringFailed(format!("no thread can be started: {error}")))?;
    receiver.recv_timeout(LIMIT).unwrap_or_else(|error| match error {
        RecvTimeoutError::Timeout => {
            *given_up() = Some(thread);
            Err(PasswordError::KeyringTimedOut(LIMIT.as_secs()))
        }
        RecvTimeoutError::Disconnected => Err(PasswordError::KeyringFailed("its library panicked".into())),
    })
}

/// Nothing can panic while it is locked.
fn given_up() -> MutexGuard<'static, Option<JoinHandle<()>>> {
    GIVEN_UP.lock().unwrap_or_else(PoisonError::into_inner)
}

fn failure(error: &keyring::Error) -> PasswordError {
    // The library never puts the secret into these two; BadEncoding and BadDataFormat would carry it in their Debug form.
    let text = error.to_string();
    match error {
        keyring::Error::NoStorageAccess(_) => PasswordError::KeyringLocked(text),
        // Creating an item in a locked collection comes back as this; the cause is `Locked` or a dismissed `Prompt`.
        keyring::Error::PlatformFailure(cause) if is_locked(cause.as_ref()) => {
            PasswordError::KeyringLocked(text)
        }
        keyring::Error::BadDataFormat(..) => {
            PasswordError::KeyringFailed("the entry is not in a known form".into())
        }
        keyring::Error::Ambiguous(_) => {
            PasswordError::KeyringFailed("it has several entries named doorcode".into())
        }
        _ => PasswordError::KeyringFailed(text),
    }
}

/// By name: the type of the cause belongs to another library on each system.
fn is_locked(cause: &(dyn std::error::Error + Send + Sync)) -> bool {
    matches!(format!("{cause:?}").as_str(), "Locked" | "Prompt")
}
