//! The binary itself, as an operator runs it.

use std::{
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

/// `syndic`, with nothing of this environment's own settings.
pub fn syndic() -> Command {
    let mut command = Command::new(assert_cmd::cargo::cargo_bin!("syndic"));
    for name in ["SYNDIC_CONFIG", "SYNDIC_DATA", "SYNDIC_LISTEN", "SYNDIC_LOG"] {
        command.env_remove(name);
    }
    command
}

/// A running daemon; killed when dropped.
pub struct Daemon {
    child: Child,
    /// `http://127.0.0.1:<port>`
    pub address: String,
}

impl Daemon {
    /// Starts `syndic run` and waits until it has said where it listens.
    pub fn start(config: &Path, data: &Path) -> Daemon {
        Daemon::start_under(syndic(), config, data)
    }

    /// The same with a command of one's own, which ends in the program's name.
    pub fn start_under(mut command: Command, config: &Path, data: &Path) -> Daemon {
        let mut child = command
            .args(["run", "--listen", "127.0.0.1:0", "--config"])
            .arg(config)
            .arg("--data")
            .arg(data)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut greeting = String::new();
        while !greeting.contains("Open ") {
            let line = lines.next().expect("the daemon ended before it had greeted").unwrap();
            greeting.push_str(&line);
            greeting.push('\n');
        }
        let said =
            greeting.lines().find_map(|line| line.trim().strip_prefix("listening")).expect("it says where it listens");
        let address = said.trim().trim_end_matches('/').to_owned();
        Daemon { child, address }
    }

    /// GET over HTTP: status and body.
    pub async fn get(&self, path: &str) -> (u16, String) {
        let answer = client().get(format!("{}{path}", self.address)).send().await.unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    }

    /// Its process.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// SIGKILL, now.
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Ends the tracer it was started under, and goes on.
    pub fn let_go(&mut self) -> Traced {
        Traced::let_go(&mut self.child)
    }

    /// SIGTERM, and the exit code it leads to.
    pub fn stop(mut self) -> Option<i32> {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").arg(id).status().unwrap().success());
        self.child.wait().unwrap().code()
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A program that another one (strace) runs, to be let go or ended.
pub struct Traced(Vec<String>);

impl Traced {
    /// What a process has started.
    pub fn by(tracer: &Child) -> Traced {
        let id = tracer.id();
        let children = std::fs::read_to_string(format!("/proc/{id}/task/{id}/children")).unwrap_or_default();
        Traced(children.split_whitespace().map(str::to_owned).collect())
    }

    /// Ends the tracer; the program goes on without it, and without the faults it made.
    pub fn let_go(tracer: &mut Child) -> Traced {
        let traced = Traced::by(tracer);
        tracer.kill().unwrap();
        tracer.wait().unwrap();
        traced
    }

    /// SIGKILL. It may have ended by itself meanwhile.
    pub fn kill(&self) {
        for id in &self.0 {
            let _ = Command::new("kill").args(["-9", id]).stderr(Stdio::null()).status();
        }
        // Nobody here is its parent. It holds its files until its very end.
        while self.0.iter().any(|id| Traced::is_alive(id)) {
            std::thread::yield_now();
        }
    }

    fn is_alive(id: &str) -> bool {
        let left = std::fs::read_dir(format!("/proc/{id}/fd"));
        left.is_ok_and(|mut files| files.next().is_some())
    }
}

/// A plain client that follows nothing.
pub fn client() -> reqwest::Client {
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).no_proxy().build().unwrap()
}

/// Writes a feeds.toml into a folder.
pub fn write_config(folder: &Path, text: &str) -> PathBuf {
    let path = folder.join("feeds.toml");
    std::fs::write(&path, text).unwrap();
    path
}
