//! Web servers with the examples that ship, each on a port of its own.

use super::root;
use std::{
    path::Path,
    process::{Child, Command, Stdio},
};

/// A running web server; stopped when dropped.
pub struct WebServer {
    child: Child,
    /// `http://127.0.0.1:<port>`
    pub address: String,
    _folder: tempfile::TempDir,
}

impl WebServer {
    /// Serves an exported site as packaging/nginx.conf says, but for what that file asks to be set.
    pub fn nginx(site: &Path) -> WebServer {
        WebServer::nginx_with("nginx.conf", &[("/srv/syndic/site", &site.display().to_string())])
    }

    /// nginx before a daemon, as packaging/nginx-proxy.conf says. Answers that may come from its cache say so: `x-test-cache`.
    pub fn nginx_before(daemon: &str) -> WebServer {
        let (caches, told) =
            ("proxy_cache syndic;", "proxy_cache syndic;\nadd_header X-Test-Cache $upstream_cache_status;");
        let daemon = daemon.trim_start_matches("http://");
        let folders = [("/var/cache/nginx/syndic", "HERE/cache"), ("/var/log/nginx/syndic.log", "HERE/access.log")];
        WebServer::nginx_with(
            "nginx-proxy.conf",
            &[&folders[..], &[("127.0.0.1:8080", daemon), (caches, told)]].concat(),
        )
    }

    /// `HERE` in what is set stands for a folder of its own.
    fn nginx_with(name: &str, set: &[(&str, &str)]) -> WebServer {
        let program = found("nginx").expect("no nginx here: run scripts/test, or apt-get install nginx-light");
        let (folder, port) = (tempfile::tempdir().unwrap(), free_port());
        let listens = [("listen 80;", format!("listen 127.0.0.1:{port};"))];
        let listens = listens.iter().map(|(part, here)| (*part, here.as_str()));
        let set: Vec<(&str, &str)> = listens.chain(set.iter().copied()).collect();
        let example = example(name, &set).replace("HERE", &folder.path().display().to_string());
        let at = |name: &str| folder.path().join(name).display().to_string();
        let temporary: String = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
            .map(|kind| format!("{kind}_temp_path {};\n", at(kind)))
            .concat();
        let user = if rustix::process::geteuid().is_root() { "user root;\n" } else { "" };
        let all = format!(
            "{user}daemon off;\nmaster_process off;\npid {};\nerror_log {};\nevents {{}}\nhttp {{\naccess_log off;\n{temporary}{example}}}\n",
            at("pid"),
            at("error.log")
        );
        std::fs::write(at("nginx.conf"), all).unwrap();
        let mut command = Command::new(program);
        command.args(["-c", &at("nginx.conf"), "-p", &at("")]).stderr(Stdio::inherit());
        WebServer::start(command, port, folder)
    }

    /// The same with packaging/Caddyfile; `None` where there is no Caddy.
    pub fn caddy(site: &Path) -> Option<WebServer> {
        let program = found("caddy")?;
        let (folder, port) = (tempfile::tempdir().unwrap(), free_port());
        let (here, site) = (format!("http://127.0.0.1:{port} {{"), site.display().to_string());
        let example = example("Caddyfile", &[("news.example.org {", &here), ("/srv/syndic/site", &site)]);
        let config = folder.path().join("Caddyfile");
        std::fs::write(&config, format!("{{\n\tadmin off\n}}\n{example}")).unwrap();
        let mut command = Command::new(program);
        command.args(["run", "--adapter", "caddyfile", "--config"]).arg(config).stderr(Stdio::null());
        command.envs(["HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME"].map(|name| (name, folder.path())));
        Some(WebServer::start(command, port, folder))
    }

    fn start(mut command: Command, port: u16, folder: tempfile::TempDir) -> WebServer {
        let child = command.stdin(Stdio::null()).stdout(Stdio::null()).spawn().unwrap();
        let mut server = WebServer { child, address: format!("http://127.0.0.1:{port}"), _folder: folder };
        while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
            let ended = server.child.try_wait().unwrap();
            assert!(ended.is_none(), "{:?} did not start: {ended:?}", command.get_program());
            std::thread::yield_now();
        }
        server
    }
}

impl Drop for WebServer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn found(name: &str) -> Option<String> {
    let folders = ["/usr/sbin", "/usr/bin", "/usr/local/sbin", "/usr/local/bin"];
    folders.iter().map(|folder| format!("{folder}/{name}")).find(|path| Path::new(path).exists())
}

fn free_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// An example that ships, with what it asks for set.
fn example(name: &str, set: &[(&str, &str)]) -> String {
    let mut text = std::fs::read_to_string(root().join("packaging").join(name)).unwrap();
    for (part, by) in set {
        assert!(text.contains(part), "{part}");
        text = text.replace(part, by);
    }
    text
}
