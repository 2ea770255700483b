//! A proxy between a node and Redis, as a network that can be cut.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tempfile::TempDir;
use tokio::io::copy_bidirectional;
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// A proxy in front of a server. It ends when it is dropped.
#[derive(Debug)]
pub struct RedisProxy {
    folder: TempDir,
    cut: Arc<watch::Sender<bool>>,
    task: JoinHandle<()>,
}

impl RedisProxy {
    /// A proxy in front of the server with this socket.
    ///
    /// # Errors
    /// When there can be no socket.
    pub fn start(server: &Path) -> io::Result<Self> {
        let folder = tempfile::tempdir()?;
        let listener = UnixListener::bind(socket(&folder))?;
        let cut = Arc::new(watch::Sender::new(false));
        let task = tokio::spawn(accept(listener, server.to_owned(), cut.clone()));
        Ok(Self { folder, cut, task })
    }

    /// Its address.
    #[must_use]
    pub fn url(&self) -> String {
        format!("unix://{}", socket(&self.folder).display())
    }

    /// Cuts the node off: nothing passes any more, and connections stay open, as when a cable is pulled.
    pub fn cut(&self) {
        self.cut.send_replace(true);
    }

    /// Lets everything pass again. Connections from before are closed.
    pub fn mend(&self) {
        self.cut.send_replace(false);
    }
}

impl Drop for RedisProxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

fn socket(folder: &TempDir) -> PathBuf {
    folder.path().join("redis.sock")
}

async fn accept(listener: UnixListener, server: PathBuf, cut: Arc<watch::Sender<bool>>) {
    while let Ok((mut node, _)) = listener.accept().await {
        let (server, mut cut) = (server.clone(), cut.subscribe());
        drop(tokio::spawn(async move {
            let pass = async {
                if let Ok(mut server) = UnixStream::connect(server).await {
                    // A connection that fails is closed; the node sees that.
                    drop(copy_bidirectional(&mut node, &mut server).await);
                }
            };
            let until_cut = async {
                // It ends with an error when the proxy ends.
                cut.wait_for(|is_cut| *is_cut).await.is_ok()
            };
            let is_cut = tokio::select! {
                biased;
                is_cut = until_cut => is_cut,
                () = pass => false,
            };
            if is_cut {
                drop(cut.wait_for(|is_cut| !*is_cut).await);
            }
        }));
    }
}
