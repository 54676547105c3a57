//! The first run.

use std::sync::Arc;

use tauri::State;

use super::{Answer, blocking};
use crate::welcome::{Outcome, Progress, Step, Welcome};

/// How far it has come.
#[tauri::command]
pub(crate) async fn welcome(kept: State<'_, Arc<Welcome>>) -> Answer<Progress> {
    let kept = kept.inner().clone();
    blocking(move || Ok(kept.progress())).await
}

/// Notes what became of a step.
#[tauri::command]
pub(crate) async fn set_welcome_step(
    step: Step,
    state: Outcome,
    kept: State<'_, Arc<Welcome>>,
) -> Answer<Progress> {
    let kept = kept.inner().clone();
    blocking(move || kept.set(step, state)).await
}

/// Never shows it again of its own accord.
#[tauri::command]
pub(crate) async fn finish_welcome(kept: State<'_, Arc<Welcome>>) -> Answer<Progress> {
    let kept = kept.inner().clone();
    blocking(move || kept.finish()).await
}
