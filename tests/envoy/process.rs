//! One Envoy for all cases: started with a static configuration, ended when the test ends.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

use serde_json::Value;

use super::client::{Connection, Question};

/// Whatever happens to the test, Envoy ends after so many seconds.
const LONGEST_LIFE: &str = "50";

/// How often the start is looked for, a tenth of a second apart.
const LOOKS: usize = 150;

/// A running Envoy.
pub(crate) struct Envoy {
    process: Child,
    admin: String,
    /// The address of each listener that has one on 127.0.0.1.
    pub(crate) listeners: BTreeMap<String, String>,
}

impl Envoy {
    /// Starts `program` with `configuration`; its files go to `folder`.
    pub(crate) fn start(program: &Path, configuration: &Value, folder: &Path) -> Self {
        fs::create_dir_all(folder).unwrap();
        let file = |name: &str| folder.join(name);
        fs::write(file("envoy.json"), serde_json::to_vec_pretty(configuration).unwrap()).unwrap();
        let _ = fs::remove_file(file("admin"));
        let log = fs::File::create(file("log")).unwrap();
        let process = Command::new("timeout")
            .args(["-s", "KILL", LONGEST_LIFE])
            .arg(program)
            .args(["--concurrency", "1", "--disable-hot-restart", "--log-level", "error"])
            .arg("--admin-address-path")
            .arg(file("admin"))
            .arg("--config-path")
            .arg(file("envoy.json"))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .unwrap();
        let mut envoy = Self { process, admin: String::new(), listeners: BTreeMap::new() };
        envoy.wait_until_live(folder);
        envoy.listeners = envoy.ask_for_listeners();
        envoy
    }

    fn wait_until_live(&mut self, folder: &Path) {
        for _ in 0..LOOKS {
            let ended = self.process.try_wait().unwrap().is_some();
            let log = || fs::read_to_string(folder.join("log")).unwrap_or_default();
            assert!(!ended, "Envoy refuses its configuration:\n{}", log());
            self.admin = fs::read_to_string(folder.join("admin")).unwrap_or_default();
            let answer = self.ask("GET", "/ready");
            if answer.is_ok_and(|answer| answer.trim() == "LIVE") {
                return;
            }
            thread::sleep(Duration::from_millis(100));
        }
        panic!("Envoy does not become live");
    }

    fn ask(&self, method: &str, path: &str) -> io::Result<String> {
        let question = Question { method, path, host: "admin", headers: Vec::new() };
        Connection::open(&self.admin)?.ask(&question).map(|answer| answer.body)
    }

    fn ask_for_listeners(&self) -> BTreeMap<String, String> {
        let answer = self.ask("GET", "/listeners?format=json").unwrap();
        let answer: Value = serde_json::from_str(&answer).unwrap();
        let listeners = answer["listener_statuses"].as_array().unwrap().iter();
        let addresses = listeners.filter_map(|listener| {
            let port = &listener["local_address"]["socket_address"]["port_value"];
            let name = listener["name"].as_str()?.to_owned();
            Some((name, format!("127.0.0.1:{}", port.as_u64()?)))
        });
        addresses.collect()
    }
}

impl Drop for Envoy {
    fn drop(&mut self) {
        // The process is `timeout`, so Envoy itself has to be asked; one that does not answer is
        // ended by `timeout`.
        let _ = self.ask("POST", "/quitquitquit");
        let _ = self.process.wait();
    }
}
