//! The one connection to the session bus that this program's own parts share.

use tokio::sync::OnceCell;
use zbus::Connection;

static CONNECTION: OnceCell<Connection> = OnceCell::const_new();

/// # Errors
/// When there is no session bus.
pub(crate) async fn connection() -> zbus::Result<&'static Connection> {
    CONNECTION.get_or_try_init(Connection::session).await
}
