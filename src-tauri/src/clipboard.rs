//! Copying for people. What is secret does not stay in the clipboard.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use doorcode_settings::Problem;
use tokio::task::spawn_blocking;
use tracing::{info, warn};
use zeroize::Zeroizing;

/// How long a secret stays.
const SECRET_STAYS: Duration = Duration::from_secs(45);

/// The desktop's clipboard. Where another program asks this one for what was copied (X11, Wayland), it is there for as long as
/// this value lives.
#[derive(Clone, Default)]
pub(crate) struct Clipboard {
    /// Opened with the first use: most never copy anything.
    open: Arc<Mutex<Option<arboard::Clipboard>>>,
    /// Counts what was copied, so that only the last secret's time takes it away.
    copied: Arc<AtomicU64>,
}

impl Clipboard {
    /// Copies what anybody may see.
    ///
    /// # Errors
    /// `clipboard_unusable`.
    pub(crate) async fn copy(&self, text: String) -> Result<(), Problem> {
        self.copied.fetch_add(1, Ordering::Relaxed);
        self.with(move |clipboard| clipboard.set_text(text)).await
    }

    /// Copies what clipboard managers are to forget, and takes it away after 45 seconds unless something else was copied.
    ///
    /// # Errors
    /// `clipboard_unusable`.
    pub(crate) async fn copy_secret(&self, secret: Zeroizing<String>) -> Result<(), Problem> {
        let copy = self.copied.fetch_add(1, Ordering::Relaxed) + 1;
        let text = secret.clone();
        self.with(move |clipboard| set_secret(clipboard, &text)).await?;
        let clipboard = self.clone();
        tokio::spawn(async move {
            tokio::time::sleep(SECRET_STAYS).await;
            if clipboard.copied.load(Ordering::Relaxed) == copy {
                clipboard.take_away(secret).await;
            }
        });
        Ok(())
    }

    async fn take_away(&self, secret: Zeroizing<String>) {
        let cleared = self.with(move |clipboard| match clipboard.get_text().map(Zeroizing::new) {
            Ok(text) if text == secret => clipboard.clear().map(|()| true),
            _ => Ok(false), // Something else is there by now, or nothing.
        });
        match cleared.await {
            Ok(true) => info!("the copied password was taken out of the clipboard"),
            Ok(false) => {}
            Err(problem) => warn!(code = problem.code, "{}", problem.message),
        }
    }

    async fn with<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut arboard::Clipboard) -> Result<T, arboard::Error> + Send + 'static,
    ) -> Result<T, Problem> {
        let open = self.open.clone();
        let done = spawn_blocking(move || {
            let mut open = open.lock().unwrap_or_else(PoisonError::into_inner);
            let clipboard = match &mut *open {
                Some(clipboard) => clipboard,
                closed => closed.insert(arboard::Clipboard::new()?),
            };
            work(clipboard)
        });
        match done.await {
            Ok(done) => done.map_err(|error| unusable(&error.to_string())),
            Err(error) => Err(unusable(&error.to_string())),
        }
    }
}

#[cfg(target_os = "linux")]
fn set_secret(clipboard: &mut arboard::Clipboard, secret: &str) -> Result<(), arboard::Error> {
    use arboard::SetExtLinux;
    clipboard.set().exclude_from_history().text(secret)
}

#[cfg(target_os = "macos")]
fn set_secret(clipboard: &mut arboard::Clipboard, secret: &str) -> Result<(), arboard::Error> {
    use arboard::SetExtApple;
    clipboard.set().exclude_from_history().text(secret)
}

fn unusable(why: &str) -> Problem {
    Problem::new(
        "clipboard_unusable",
        format!("nothing was copied: the clipboard cannot be used: {why}"),
        "doorcode password show",
    )
}
