//! nginx with the example that ships, on a port of its own.

use super::root;
use std::{
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

/// A running nginx; stopped when dropped.
pub struct Nginx {
    child: Child,
    /// `http://127.0.0.1:<port>`
    pub address: String,
    _folder: tempfile::TempDir,
}

impl Nginx {
    /// Serves an exported site as packaging/nginx.conf says, but for what that file asks to be set.
    pub async fn serving(site: &Path) -> Nginx {
        let program =
            ["/usr/sbin/nginx", "/usr/bin/nginx", "/usr/local/sbin/nginx"].iter().find(|path| Path::new(path).exists());
        let program = program.expect("no nginx here: run scripts/test, or apt-get install nginx-light");
        let folder = tempfile::tempdir().unwrap();
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let example = std::fs::read_to_string(root().join("packaging/nginx.conf")).unwrap();
        for part in ["listen 80;", "/srv/syndic/site"] {
            assert!(example.contains(part), "{part}");
        }
        let example = example
            .replace("listen 80;", &format!("listen 127.0.0.1:{port};"))
            .replace("/srv/syndic/site", &site.display().to_string());
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
        let config: PathBuf = folder.path().join("nginx.conf");
        std::fs::write(&config, all).unwrap();
        let child = Command::new(program)
            .arg("-c")
            .arg(&config)
            .arg("-p")
            .arg(folder.path())
            .stdin(Stdio::null())
            .stderr(Stdio::inherit())
            .spawn()
            .unwrap();
        let mut nginx = Nginx { child, address: format!("http://127.0.0.1:{port}"), _folder: folder };
        while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(nginx.child.try_wait().unwrap().is_none(), "nginx did not start: see above");
            std::thread::yield_now();
        }
        nginx
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
