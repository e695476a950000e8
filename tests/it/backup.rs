//! `syndic backup` while the daemon polls, `syndic restore` elsewhere: the same bytes are served.

use crate::support::{Daemon, Reply, Upstream, fixture, syndic, write_config};
use std::path::Path;

fn run(config: &Path, data: &Path, arguments: &[&str], file: &Path) -> (Option<i32>, String) {
    let output =
        syndic().args(arguments).arg(file).arg("--config").arg(config).arg("--data").arg(data).output().unwrap();
    (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_taken_while_polling_serves_the_same_bytes_elsewhere() {
    let upstream = Upstream::start().await;
    upstream.serve("/paper", Reply::xml(fixture("feeds/rss2-newspaper.xml")));
    let folder = tempfile::tempdir().unwrap();
    let config = write_config(
        folder.path(),
        &format!(
            "[site]\nurl = \"https://syndic.test\"\n[poll]\nmin = \"1s\"\n[fetch]\nallow = [\"127.0.0.0/8\"]\n[[source]]\nid = \"paper\"\nurl = \"{}\"\ncategory = \"news\"\ncontent = \"full\"\nevery = \"1s\"\n",
            upstream.url("/paper")
        ),
    );
    let (data, file, other) =
        (folder.path().join("data"), folder.path().join("site.backup"), folder.path().join("other"));
    let daemon = Daemon::start(&config, &data);
    assert!(
        syndic().args(["poll", "--config"]).arg(&config).arg("--data").arg(&data).output().unwrap().status.success()
    );
    let (code, said) = run(&config, &data, &["backup"], &file);
    assert_eq!(code, Some(0), "{said}");
    let (code, said) = run(&config, &data, &["restore"], &file);
    assert_eq!(code, Some(2), "the daemon holds this folder: {said}");
    assert!(said.contains("held by process"), "{said}");

    let (code, said) = run(&config, &other, &["restore"], &file);
    assert_eq!(code, Some(0), "{said}");
    let (code, said) = run(&config, &other, &["restore"], &file);
    assert_eq!(code, Some(2));
    assert!(said.contains("fresh folder"), "{said}");
    let restored = Daemon::start(&config, &other);
    for path in ["/all", "/category/news", "/source/paper"] {
        for format in [".atom", ".rss", ".json"] {
            let path = format!("{path}{format}");
            let (before, after) = (daemon.get(&path).await, restored.get(&path).await);
            assert_eq!(before.0, 200, "{path}");
            assert_eq!(before, after, "{path}");
        }
    }
    assert_eq!((daemon.stop(), restored.stop()), (Some(0), Some(0)));
}
