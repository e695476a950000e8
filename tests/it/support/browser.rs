//! Chromium, driven through its pipe (the DevTools protocol): what a page looks like and does to who reads it.

use super::root;
use serde_json::{Value, json};
use std::{
    fs::{File, OpenOptions},
    io::{BufRead, BufReader, Write},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::mpsc::{Receiver, channel},
    time::Duration,
};

/// A browser; ended when dropped.
pub struct Browser {
    child: Child,
    to: File,
    from: Receiver<Value>,
    last: u64,
    _folder: tempfile::TempDir,
}

/// How a page is looked at.
#[derive(Clone, Copy)]
pub struct Look {
    pub width: u32,
    pub height: u32,
    pub dark: bool,
}

impl Look {
    pub const PHONE: Look = Look { width: 360, height: 740, dark: false };
    pub const DESK: Look = Look { width: 1280, height: 900, dark: false };

    pub fn dark(self) -> Look {
        Look { dark: true, ..self }
    }

    pub fn name(self) -> String {
        format!("{}{}", self.width, if self.dark { "-dark" } else { "" })
    }
}

/// A tab, and what has happened in it since it was opened.
pub struct Tab<'b> {
    browser: &'b mut Browser,
    session: String,
    /// What the console was told of that is an error or a warning, and exceptions.
    pub complaints: Vec<String>,
    /// Addresses asked for, each with the type of the resource and its Referer.
    pub requests: Vec<(String, String, Option<String>)>,
    /// Dialogs that opened.
    pub dialogs: Vec<String>,
}

/// Where scripts/test puts axe-core.
pub fn axe() -> String {
    let path = root().join("target/tools/node_modules/axe-core/axe.min.js");
    let path = std::env::var_os("SYNDIC_AXE").map_or(path, PathBuf::from);
    std::fs::read_to_string(&path)
        .unwrap_or_else(|error| panic!("{}: {error}: no axe-core here: run scripts/test", path.display()))
}

impl Browser {
    /// Starts one that can reach this machine alone.
    pub fn start() -> Browser {
        let program = std::env::var("SYNDIC_CHROMIUM").unwrap_or_else(|_| "chromium".to_owned());
        let folder = tempfile::tempdir().unwrap();
        let (to, from) = (folder.path().join("to"), folder.path().join("from"));
        assert!(Command::new("mkfifo").args([&to, &from]).status().unwrap().success());
        // Descriptors 3 and 4 are what the program reads and writes.
        let mut child = Command::new("sh")
            .args(["-c", "exec \"$0\" \"$@\" 3<>to 4<>from", &program])
            .args(["--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars"])
            .args(["--remote-debugging-pipe", "--no-first-run", "--disable-sync", "--disable-component-update"])
            .args([
                "--disable-background-networking",
                "--disable-extensions",
                "--mute-audio",
                "--force-color-profile=srgb",
            ])
            .arg("--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1")
            .arg(format!("--user-data-dir={}", folder.path().join("profile").display()))
            .arg("about:blank")
            .current_dir(folder.path())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let both = |path: &Path| OpenOptions::new().read(true).write(true).open(path).unwrap();
        let (to, from) = (both(&to), both(&from));
        let (sender, receiver) = channel();
        std::thread::spawn(move || {
            let mut from = BufReader::new(from);
            let mut message = Vec::new();
            while from.read_until(0, &mut message).is_ok_and(|length| length > 0) {
                message.pop();
                let Ok(value) = serde_json::from_slice(&message) else { break };
                if sender.send(value).is_err() {
                    break;
                }
                message.clear();
            }
        });
        // A shell that finds no such program ends at once.
        std::thread::sleep(Duration::from_millis(200));
        let ended = child.try_wait().unwrap();
        assert!(
            ended.is_none(),
            "no {program} here ({ended:?}): run scripts/test, or apt-get install chromium, or name one in SYNDIC_CHROMIUM"
        );
        Browser { child, to, from: receiver, last: 0, _folder: folder }
    }

    /// A new tab.
    pub fn tab(&mut self, look: Look) -> Tab<'_> {
        let mut none = Vec::new();
        let target =
            self.call(None, "Target.createTarget", json!({"url": "about:blank"}), &mut none)["targetId"].clone();
        let attached =
            self.call(None, "Target.attachToTarget", json!({"targetId": target, "flatten": true}), &mut none);
        let session = attached["sessionId"].as_str().unwrap().to_owned();
        let mut tab = Tab { browser: self, session, complaints: Vec::new(), requests: Vec::new(), dialogs: Vec::new() };
        for domain in ["Page", "Runtime", "Log", "Network"] {
            tab.call(&format!("{domain}.enable"), json!({}));
        }
        tab.look(look);
        tab
    }

    /// Sends a command and waits for its answer; what happens meanwhile is noted.
    fn call(&mut self, session: Option<&str>, method: &str, params: Value, events: &mut Vec<Value>) -> Value {
        self.last += 1;
        let id = self.last;
        let mut message = json!({"id": id, "method": method, "params": params});
        if let Some(session) = session {
            message["sessionId"] = session.into();
        }
        let mut bytes = serde_json::to_vec(&message).unwrap();
        bytes.push(0);
        self.to.write_all(&bytes).unwrap();
        loop {
            let said = self.hear(method);
            if said["id"] == id {
                assert!(said.get("error").is_none(), "{method}: {said}");
                return said["result"].clone();
            }
            events.push(said);
        }
    }

    fn hear(&self, what: &str) -> Value {
        let said = self.from.recv_timeout(Duration::from_secs(60));
        said.unwrap_or_else(|_| panic!("the browser says nothing for a minute after {what}"))
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Tab<'_> {
    /// Width, and light or dark.
    pub fn look(&mut self, look: Look) {
        let Look { width, height, dark } = look;
        let phone = width < 600;
        self.call(
            "Emulation.setDeviceMetricsOverride",
            json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": phone}),
        );
        let scheme = if dark { "dark" } else { "light" };
        self.call(
            "Emulation.setEmulatedMedia",
            json!({"features": [{"name": "prefers-color-scheme", "value": scheme}]}),
        );
    }

    /// Goes there and waits until everything is loaded.
    pub fn open(&mut self, url: &str) {
        self.complaints.clear();
        self.requests.clear();
        self.dialogs.clear();
        let mut events = Vec::new();
        self.browser.call(Some(&self.session), "Page.navigate", json!({"url": url}), &mut events);
        let loaded = |event: &Value| event["method"] == "Page.loadEventFired";
        while !events.iter().any(loaded) {
            let said = self.browser.hear(url);
            events.push(said);
        }
        self.note(events);
        // What was to be said about it has been said when the next answer is there.
        self.run("new Promise(done => requestAnimationFrame(() => setTimeout(done, 0)))");
    }

    /// The value of an expression, which may be a promise.
    pub fn run(&mut self, script: &str) -> Value {
        let params = json!({"expression": script, "awaitPromise": true, "returnByValue": true, "userGesture": true});
        let result = self.call("Runtime.evaluate", params);
        assert!(result.get("exceptionDetails").is_none(), "{script}: {result}");
        result["result"]["value"].clone()
    }

    /// Presses a key, as a person at the keyboard does.
    pub fn press(&mut self, key: &str) {
        let code = match key {
            "Tab" => 9,
            "Enter" => 13,
            other => panic!("{other}"),
        };
        let text = if key == "Enter" { "\r" } else { "" };
        let down = json!({"type": if text.is_empty() { "rawKeyDown" } else { "keyDown" }, "key": key, "code": key, "windowsVirtualKeyCode": code, "text": text});
        self.call("Input.dispatchKeyEvent", down);
        self.call(
            "Input.dispatchKeyEvent",
            json!({"type": "keyUp", "key": key, "code": key, "windowsVirtualKeyCode": code}),
        );
    }

    /// Waits until an expression is true.
    pub fn until(&mut self, condition: &str) {
        let asked = std::time::Instant::now();
        while self.run(condition) != json!(true) {
            assert!(asked.elapsed() < Duration::from_secs(30), "never: {condition}");
        }
    }

    /// Keeps a picture of the whole page below target/screenshots.
    pub fn picture(&mut self, name: &str) {
        let params = json!({"format": "png", "captureBeyondViewport": true});
        let data = self.call("Page.captureScreenshot", params)["data"].as_str().unwrap().to_owned();
        let bytes = base64::Engine::decode(&base64::prelude::BASE64_STANDARD, data).unwrap();
        let folder = root().join("target/screenshots");
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join(format!("{name}.png")), bytes).unwrap();
    }

    /// What axe-core has against the page: rules of WCAG 2.2 AA and good practice.
    pub fn axe(&mut self, axe: &str) -> Vec<String> {
        self.run(&format!("{axe}\n;true"));
        let found = self.run(
            "axe.run(document).then(found => found.violations.map(it => `${it.id} (${it.impact}): ${it.help}: ${it.nodes.slice(0, 3).map(node => node.html.slice(0, 200) + ' ' + node.failureSummary).join(' | ')}`))",
        );
        found.as_array().unwrap().iter().map(|it| it.as_str().unwrap().to_owned()).collect()
    }

    fn call(&mut self, method: &str, params: Value) -> Value {
        let mut events = Vec::new();
        let answer = self.browser.call(Some(&self.session), method, params, &mut events);
        self.note(events);
        answer
    }

    fn note(&mut self, events: Vec<Value>) {
        for event in events {
            let params = &event["params"];
            match event["method"].as_str().unwrap_or_default() {
                "Runtime.exceptionThrown" => self.complaints.push(params["exceptionDetails"].to_string()),
                "Runtime.consoleAPICalled" => self.complaints.push(params["args"].to_string()),
                "Log.entryAdded" => self.complaints.push(params["entry"].to_string()),
                "Network.requestWillBeSent" => {
                    let request = &params["request"];
                    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
                    let referer =
                        request["headers"]["Referer"].as_str().filter(|said| !said.is_empty()).map(str::to_owned);
                    self.requests.push((text(&request["url"]), text(&params["type"]), referer));
                }
                "Page.javascriptDialogOpening" => {
                    self.dialogs.push(params["message"].to_string());
                    self.call("Page.handleJavaScriptDialog", json!({"accept": true}));
                }
                _ => {}
            }
        }
    }
}
