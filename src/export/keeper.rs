//! `[export] dir`: the static site, kept up to date while syndic runs.

use super::{Progress, site};
use crate::{config::Config, serve::App, store::Store};
use std::{sync::Arc, time::Duration};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

/// Commits come in groups: so long after the first of them the folder is brought up to date.
const GATHERED: Duration = Duration::from_secs(3);
/// How a source is doing shows on its page, and is no commit.
const AT_LEAST: Duration = Duration::from_secs(600);
/// After a failure.
const AGAIN: Duration = Duration::from_secs(60);

/// Keeps the folder of the configuration in force up to date until told to stop. What fails is logged and tried again.
pub async fn keep(app: Arc<App>, store: Store, mut config: watch::Receiver<Arc<Config>>, stop: CancellationToken) {
    let mut commits = store.commits();
    loop {
        commits.mark_unchanged();
        let folder = config.borrow_and_update().export.dir.clone();
        let mut failed = false;
        if let Some(folder) = &folder {
            // An export that is told to stop is as one that was killed: the next one knows.
            let exported = stop.run_until_cancelled(Box::pin(site(&app, &store, folder, &Progress::default()))).await;
            match exported {
                None => return,
                Some(Ok(done)) if done.written + done.removed == 0 => {}
                Some(Ok(done)) => tracing::info!(
                    written = done.written,
                    removed = done.removed,
                    documents = done.documents,
                    "exported the site to {}",
                    folder.display()
                ),
                Some(Err(error)) => {
                    failed = true;
                    tracing::error!("the site is not exported, and tried again in a minute: {error:#}");
                }
            }
        }
        let wait = async {
            tokio::select! {
                _ = tokio::time::sleep(if failed { AGAIN } else { AT_LEAST }) => {}
                changed = commits.changed(), if !failed => {
                    if changed.is_ok() { tokio::time::sleep(GATHERED).await } else { std::future::pending().await }
                }
                Ok(()) = config.changed() => {}
            }
        };
        if stop.run_until_cancelled(wait).await.is_none() {
            return;
        }
    }
}
