//! The control socket's client.

use std::path::{Path, PathBuf};

use doorcode_settings::{Paths, Problem};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::net::UnixStream;
use tokio::net::unix::{OwnedReadHalf, OwnedWriteHalf};

use super::protocol::{Reply, Request};
use crate::lock::{self, LockError};

/// Why the engine could not be asked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ClientError {
    /// No engine runs.
    #[error("no engine is running")]
    NotRunning,
    /// The lock file cannot be read.
    #[error(transparent)]
    Lock(#[from] LockError),
    /// An engine holds the lock but its socket does not answer.
    #[error("the engine's control socket {} does not answer: {source}", .path.display())]
    Io {
        /// The socket.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The engine speaks another version's protocol.
    #[error("the engine answered something this version does not understand: {0}")]
    Protocol(#[from] serde_json::Error),
}

impl From<&ClientError> for Problem {
    fn from(error: &ClientError) -> Self {
        match error {
            ClientError::NotRunning => Problem::new("not_running", error.to_string(), "doorcode up"),
            ClientError::Lock(error) => error.into(),
            ClientError::Io { .. } => {
                Problem::new("control_unreachable", error.to_string(), "doorcode status")
            }
            ClientError::Protocol(_) => Problem::new(
                "control_protocol",
                error.to_string(),
                "end the running engine (Ctrl-C where it runs) and start it again: doorcode up",
            ),
        }
    }
}

/// A connection to the running engine.
#[derive(Debug)]
pub struct Client {
    path: PathBuf,
    lines: Lines<BufReader<OwnedReadHalf>>,
    write: OwnedWriteHalf,
}

impl Client {
    /// Connects to the engine that holds the lock.
    ///
    /// # Errors
    /// [`ClientError::NotRunning`] when nobody holds it.
    pub async fn connect(paths: &Paths) -> Result<Client, ClientError> {
        let holder = lock::holder(&paths.lock_file())?.ok_or(ClientError::NotRunning)?;
        Client::connect_to(&holder.control).await
    }

    /// Sends `request` and waits for its answer.
    ///
    /// # Errors
    /// When the connection fails; a refusal by the engine is [`Reply::Problem`].
    pub async fn ask(&mut self, request: &Request) -> Result<Reply, ClientError> {
        let mut line = serde_json::to_vec(request)?;
        line.push(b'\n');
        self.write
            .write_all(&line)
            .await
            .map_err(|source| self.io(source))?;
        self.next().await
    }

    /// The next reply: after [`Request::Watch`], which is answered more than once.
    ///
    /// # Errors
    /// When the connection fails or the engine hung up.
    pub async fn next(&mut self) -> Result<Reply, ClientError> {
        match self.lines.next_line().await {
            Ok(Some(line)) => Ok(serde_json::from_str(&line)?),
            Ok(None) => Err(self.io(std::io::ErrorKind::UnexpectedEof.into())),
            Err(source) => Err(self.io(source)),
        }
    }

    /// The lock is taken before the socket is there, so an engine that is just starting is worth a short wait.
    async fn connect_to(path: &Path) -> Result<Client, ClientError> {
        let deadline = tokio::time::Instant::now() + std::time::Duration::from_secs(5);
        loop {
            match UnixStream::connect(path).await {
                Ok(stream) => {
                    let (read, write) = stream.into_split();
                    return Ok(Client {
                        path: path.to_owned(),
                        lines: BufReader::new(read).lines(),
                        write,
                    });
                }
                Err(_) if tokio::time::Instant::now() < deadline => {
                    tokio::time::sleep(std::time::Duration::from_millis(20)).await;
                }
                Err(source) => {
                    return Err(ClientError::Io {
                        path: path.to_owned(),
                        source,
                    });
                }
            }
        }
    }

    fn io(&self, source: std::io::Error) -> ClientError {
        ClientError::Io {
            path: self.path.clone(),
            source,
        }
    }
}
