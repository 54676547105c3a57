//! From the settings to the editor's command line: which code-server, where it listens, where its files are.

use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use arc_swap::ArcSwap;
use doorcode_install::CodeServer;
use doorcode_logs::LogSink;
use doorcode_settings::{Paths, Problem, Settings};
use doorcode_supervisor::{Launch, Timing};

use crate::task::lock;

/// What the editor was last started with.
#[derive(Debug)]
pub(crate) struct Launched {
    /// In force then.
    pub(crate) settings: Arc<Settings>,
    /// The code-server; none before the first start.
    pub(crate) program: Option<PathBuf>,
}

/// Answers the supervisor's question at each start, with the settings then in force; `launched` remembers which those were.
/// `found` is the code-server that was found just now, for the first start: looking at one takes a third of a second.
pub(crate) fn launcher(
    paths: Paths,
    settings: Arc<ArcSwap<Settings>>,
    launched: Arc<ArcSwap<Launched>>,
    found: Option<CodeServer>,
    log: LogSink,
) -> impl Fn() -> Result<Launch, Problem> + Send + Sync + 'static {
    let found = Mutex::new(found);
    move || {
        let settings = settings.load_full();
        let code_server = match lock(&found).take() {
            Some(code_server) => code_server,
            None => find(&settings, &paths)?,
        };
        let folder = settings.editor.folder.clone();
        if !folder.is_dir() {
            return Err(Problem::new(
                "folder_missing",
                format!(
                    "the folder to open, {}, does not exist or is not a folder",
                    folder.display()
                ),
                format!(
                    "`mkdir -p '{}'`, or name another folder under [editor]: `doorcode settings edit`; then `doorcode restart`",
                    folder.display()
                ),
            ));
        }
        launched.store(Arc::new(Launched {
            settings: settings.clone(),
            program: Some(code_server.entry.clone()),
        }));
        Ok(Launch {
            code_server,
            folder,
            args: settings.editor.args.clone(),
            socket: paths.editor_socket(),
            record: paths.editor_record(),
            config: paths.editor_config(),
            user_data_dir: paths.editor_data_dir(),
            extensions_dir: paths.editor_data_dir().join("extensions"),
            disable_proxy: settings.ports.allow.is_empty(),
            log: log.clone(),
            log_path: paths.editor_log(),
            timing: Timing::default(),
        })
    }
}

/// The code-server that `settings` name, looked at anew: it may have been replaced since. Blocking.
///
/// # Errors
/// When there is none that can be run, with every place looked at and its reason.
pub fn find(settings: &Settings, paths: &Paths) -> Result<CodeServer, Problem> {
    let search = std::env::var_os("PATH");
    doorcode_install::find(
        &settings.editor.program,
        &paths.code_server_dir(),
        search.as_deref(),
    )
    .map_err(|error| Problem::from(&error))
}
