//! Ctrl-C and SIGTERM: noticed here, acted upon between two measures, so that everything is ended in order.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use tokio::signal::unix::{SignalKind, signal};

use crate::error::BenchError;
use crate::load;

static INTERRUPTED: AtomicBool = AtomicBool::new(false);

/// Watches for both signals from here on.
pub(crate) fn watch() -> Result<(), BenchError> {
    let runtime = load::runtime()?;
    let register = |kind| {
        let _context = runtime.enter();
        signal(kind).map_err(|e| BenchError::io("cannot watch for signals", e))
    };
    let mut ctrl_c = register(SignalKind::interrupt())?;
    let mut terminate = register(SignalKind::terminate())?;
    thread::spawn(move || {
        runtime.block_on(async {
            tokio::select! {
                _ = ctrl_c.recv() => {}
                _ = terminate.recv() => {}
            }
        });
        eprintln!("doorcode-bench: ending what was started…");
        INTERRUPTED.store(true, Ordering::Relaxed);
    });
    Ok(())
}

/// To be asked before anything that takes long.
pub(crate) fn check() -> Result<(), BenchError> {
    if INTERRUPTED.load(Ordering::Relaxed) {
        Err(BenchError::Interrupted)
    } else {
        Ok(())
    }
}
