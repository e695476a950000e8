//! Whether syndic lives and works, as a supervisor sees it; what it writes into the log; who may command it.

use crate::support::{Daemon, Served, World, client, syndic, write_config};
use std::{
    os::unix::{fs::PermissionsExt, net::UnixDatagram, process::CommandExt},
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

/// feeds.toml of one folder of posts.
fn site(folder: &Path, server: &str) -> PathBuf {
    std::fs::create_dir(folder.join("posts")).unwrap();
    std::fs::write(folder.join("posts/2022-04-22-a.md"), "---\ntitle: A bridge opens\n---\n<p>Today.</p>\n").unwrap();
    let text = format!(
        "[server]\n{server}\n[[category]]\nslug = \"board\"\ntoken = \"s3cret\"\n\
         [[source]]\nid = \"paper\"\npath = \"posts\"\ncategory = \"board\"\n"
    );
    write_config(folder, &text)
}

/// A socket such as systemd's, and what is said on it.
struct Notified(UnixDatagram);

impl Notified {
    fn at(path: &Path) -> Notified {
        let socket = UnixDatagram::bind(path).unwrap();
        // No sleep: a test that hears nothing for so long has failed.
        socket.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
        Notified(socket)
    }

    /// The next message that has this in it; others may come before.
    fn hears(&self, what: &str) -> String {
        let mut bytes = [0; 4096];
        loop {
            let length = self.0.recv(&mut bytes).unwrap_or_else(|error| panic!("nothing with {what}: {error}"));
            let said = String::from_utf8(bytes[..length].to_vec()).unwrap();
            if said.lines().any(|line| line.starts_with(what)) {
                return said;
            }
        }
    }
}

#[test]
fn systemd_is_told_of_the_start_of_a_reload_of_life_and_of_the_end() {
    let folder = tempfile::tempdir().unwrap();
    let (config, path) = (site(folder.path(), ""), folder.path().join("notify.sock"));
    let systemd = Notified::at(&path);
    let mut command = syndic();
    command.env("NOTIFY_SOCKET", &path).env("WATCHDOG_USEC", "600000").env_remove("WATCHDOG_PID");
    let daemon = Daemon::start_under(command, &config, &folder.path().join("data"));
    assert_eq!(systemd.hears("READY="), "READY=1\n");
    systemd.hears("WATCHDOG=1");
    assert!(systemd.hears("STATUS=").contains("STATUS=1 sources,"));
    let hangup = Command::new("kill").args(["-HUP", &daemon.id().to_string()]).status().unwrap();
    assert!(hangup.success());
    let reloading = systemd.hears("RELOADING=1");
    assert!(reloading.contains("MONOTONIC_USEC="), "{reloading}");
    systemd.hears("READY=1");
    systemd.hears("WATCHDOG=1");
    systemd.hears("WATCHDOG=1");
    assert_eq!(daemon.stop(), Some(0));
    systemd.hears("STOPPING=1");
}

#[test]
fn who_does_not_ask_for_a_watchdog_gets_none() {
    let folder = tempfile::tempdir().unwrap();
    let (config, path) = (site(folder.path(), ""), folder.path().join("notify.sock"));
    let systemd = Notified::at(&path);
    let mut command = syndic();
    command.env("NOTIFY_SOCKET", &path).env_remove("WATCHDOG_USEC");
    let daemon = Daemon::start_under(command, &config, &folder.path().join("data"));
    systemd.hears("READY=1");
    systemd.hears("STATUS=");
    assert_eq!(daemon.stop(), Some(0));
    assert_eq!(systemd.hears(""), "STOPPING=1\n", "nothing else comes before the end");
}

#[tokio::test]
async fn it_is_ready_when_every_part_works_and_says_which_does_not() {
    let served = Served::over(World::new().await.source("rail", "feeds/rss2-newspaper.xml")).await;
    assert_eq!(served.get("/livez", &[]).await.text(), "alive\n");
    let ready = served.get("/readyz", &[]).await;
    assert_eq!((ready.status, ready.text().as_str()), (200, "ready\n"));
    let verbose = served.get("/readyz?verbose", &[]).await.text();
    assert_eq!(verbose, "ready\nstore: ok\nwriting: ok\nconfig: ok\npoller: ok\n");
    served.world.store.close("2026-11-23T12:00:00Z".parse().unwrap()).await.unwrap();
    let closed = served.get("/readyz", &[]).await;
    assert_eq!(closed.status, 503);
    let why = closed.text();
    assert!(why.starts_with("not ready\nstore: ") && !why.contains("poller"), "{why}");
    assert_eq!(served.get("/livez", &[]).await.status, 200, "it lives all the same");
}

#[tokio::test(flavor = "multi_thread")]
async fn each_request_has_an_id_and_the_log_a_line_without_its_query() {
    let folder = tempfile::tempdir().unwrap();
    let config = site(folder.path(), "access_log = true\ntrusted_proxies = [\"127.0.0.1\"]");
    let log = folder.path().join("log");
    let mut command = Command::new("sh");
    command.args(["-c", "exec \"$0\" \"$@\" 2>\"$SYNDIC_TEST_LOG\""]).env("SYNDIC_TEST_LOG", &log);
    command.arg(syndic().get_program()).args(["--log-format", "json"]);
    let daemon = Daemon::start_under(command, &config, &folder.path().join("data"));
    let ask = |path: &str, id: Option<&str>| {
        let request = client().get(format!("{}{path}", daemon.address)).header("x-forwarded-for", "192.0.2.7");
        let request = request.header("accept-encoding", "identity");
        let request = id.into_iter().fold(request, |request, id| request.header("x-request-id", id));
        async move { request.send().await.unwrap() }
    };
    let own = |answer: &reqwest::Response| answer.headers()["x-request-id"].to_str().unwrap().to_owned();
    let (one, two) = (own(&ask("/livez", None).await), own(&ask("/livez", None).await));
    assert!(one != two && one.len() > 8, "{one} {two}");
    assert_eq!(own(&ask("/livez", Some("proxy-4711")).await), "proxy-4711");
    let private = ask("/category/board.rss?token=s3cret", Some("private-1")).await;
    assert_eq!(private.status(), 200);
    let length = private.text().await.unwrap().len();
    ask("/websub/0123456789abcdef", Some("hub-1")).await;
    assert_eq!(daemon.stop(), Some(0));

    let text = std::fs::read_to_string(&log).unwrap();
    assert!(!text.contains("s3cret") && !text.contains("0123456789abcdef"), "{text}");
    let lines: Vec<serde_json::Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let of = |id: &str| {
        let ours = |line: &&serde_json::Value| line["span"]["id"] == id && line["fields"]["message"] == "answered";
        let found: Vec<_> = lines.iter().filter(ours).collect();
        assert_eq!(found.len(), 1, "{id} in {text}");
        found[0]
    };
    let line = of("private-1");
    assert_eq!(line["span"]["route"], "feed");
    let fields = &line["fields"];
    assert_eq!((fields["method"].as_str(), fields["path"].as_str()), (Some("GET"), Some("/category/board.rss")));
    assert_eq!((fields["status"].as_u64(), fields["bytes"].as_u64()), (Some(200), Some(length as u64)));
    assert_eq!(fields["client"], "192.0.2.7");
    of(&one);
    of("proxy-4711");
    assert_eq!(of("hub-1")["fields"]["path"], "/websub/…");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_id_from_elsewhere_is_not_taken_over_and_no_line_is_written_unless_wanted() {
    let folder = tempfile::tempdir().unwrap();
    let config = site(folder.path(), "");
    let daemon = Daemon::start(&config, &folder.path().join("data"));
    let request = client().get(format!("{}/livez", daemon.address)).header("x-request-id", "mine");
    assert_ne!(request.send().await.unwrap().headers()["x-request-id"], "mine");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_socket_is_closed_to_others_and_so_is_the_daemon_behind_it() {
    let folder = tempfile::tempdir().unwrap();
    let (config, data) = (site(folder.path(), ""), folder.path().join("data"));
    let daemon = Daemon::start(&config, &data);
    let socket = data.join("syndic.sock");
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&socket), 0o600);
    let own = syndic().args(["status", "--config"]).arg(&config).output().unwrap();
    assert_eq!(own.status.code(), Some(0), "{}", String::from_utf8_lossy(&own.stderr));
    if !rustix::process::geteuid().is_root() {
        // Only root can become somebody else; the decision itself is tested beside the code.
        return;
    }
    let open = |path: &Path, mode| std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
    open(folder.path(), 0o755);
    let as_nobody = || {
        // A copy that others may run, wherever this was built.
        let program = folder.path().join("syndic");
        if !program.exists() {
            std::fs::copy(syndic().get_program(), &program).unwrap();
        }
        let mut command = Command::new(program);
        command.uid(65_534).gid(65_534).current_dir("/").args(["status", "--config"]).arg(&config);
        let output = command.output().unwrap();
        (output.status.code(), String::from_utf8(output.stderr).unwrap())
    };
    let (code, why) = as_nobody();
    assert!(code == Some(2) && why.contains("closed to this user"), "{code:?}: {why}");
    // Somebody has opened it: who is not the daemon's user is refused all the same.
    open(&data, 0o755);
    open(&socket, 0o666);
    let (code, why) = as_nobody();
    assert!(code == Some(2) && why.contains("refused: the daemon runs as user"), "{code:?}: {why}");
    drop(daemon);
}
