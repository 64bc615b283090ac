//! A folder that the command writes to, and the folder around it that belongs to one test.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

const SECRET: &str = "apiVersion: v1
kind: Secret
metadata:
  name: key
data:
  password: aHVudGVy
";

pub(crate) struct Folder(PathBuf);

/// What a run of the command left behind.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Ran {
    #[track_caller]
    pub(crate) fn succeeds(&self) {
        assert_eq!((Some(0), ""), (self.code, self.stdout.as_str()), "{}", self.stderr);
    }

    #[track_caller]
    pub(crate) fn fails(&self, said: &str) {
        assert_eq!((Some(2), ""), (self.code, self.stdout.as_str()), "{}", self.stderr);
        assert!(self.stderr.contains(said), "{}", self.stderr);
    }
}

impl Folder {
    pub(crate) fn new(name: &str) -> Self {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("output-dir").join(name);
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("secret.yaml"), SECRET).unwrap();
        Self(folder)
    }

    pub(crate) fn out(&self) -> PathBuf {
        self.0.join("out")
    }

    pub(crate) fn beside(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    /// Writes the guide's rollout and a Secret at a step.
    pub(crate) fn write(&self, step: &str, flags: &[&str]) -> Ran {
        let arguments = [&["--step", step][..], flags].concat();
        self.write_at(Path::new("."), self.out().to_str().unwrap(), &arguments)
    }

    pub(crate) fn all_steps(&self, flags: &[&str]) -> Ran {
        let arguments = [&["--all-steps"][..], flags].concat();
        self.write_at(Path::new("."), self.out().to_str().unwrap(), &arguments)
    }

    pub(crate) fn write_at(&self, here: &Path, out: &str, flags: &[&str]) -> Ran {
        self.run(here, &[&["--output-dir", out][..], flags].concat())
    }

    pub(crate) fn run(&self, here: &Path, flags: &[&str]) -> Ran {
        let guide = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/istio-guide");
        let output = Command::new(env!("CARGO_BIN_EXE_rollstep"))
            .args(["render", "-f"])
            .arg(guide)
            .arg("-f")
            .arg(self.0.join("secret.yaml"))
            .args(flags)
            .current_dir(here)
            .stdin(Stdio::null())
            .output()
            .unwrap();
        ran(&output)
    }

    /// Runs the command in the folder around, on what its words name.
    pub(crate) fn command(&self, words: &str) -> Ran {
        let output = Command::new(env!("CARGO_BIN_EXE_rollstep"))
            .args(["render", "--step", "2", "--force"])
            .args(words.split(' '))
            .current_dir(&self.0)
            .stdin(Stdio::null())
            .output()
            .unwrap();
        ran(&output)
    }

    /// Runs the command on the folder after what a shell does first; empty flags are left out.
    pub(crate) fn limited(&self, first: &str, flags: &[&str]) -> Ran {
        let guide = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/istio-guide");
        let output = Command::new("bash")
            .arg("-c")
            .arg(format!("{first} exec \"$0\" \"$@\""))
            .arg(env!("CARGO_BIN_EXE_rollstep"))
            .args(["render", "--output-dir"])
            .arg(self.out())
            .arg("-f")
            .arg(guide)
            .arg("-f")
            .arg(self.0.join("secret.yaml"))
            .args(flags.iter().filter(|flag| !flag.is_empty()))
            .stdin(Stdio::null())
            .output()
            .unwrap();
        ran(&output)
    }

    /// Puts a file there that the command did not write.
    pub(crate) fn put(&self, name: &str, text: &str) {
        let path = self.out().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    pub(crate) fn holds(&self, path: &str) -> bool {
        self.out().join(path).is_file()
    }

    /// Returns every file of the folder around, with its text.
    pub(crate) fn all(&self) -> BTreeMap<String, String> {
        let mut files = BTreeMap::new();
        walk(&self.0, "", &mut files);
        files
    }

    /// Returns every file with its text.
    pub(crate) fn files(&self) -> BTreeMap<String, String> {
        let mut files = BTreeMap::new();
        walk(&self.out(), "", &mut files);
        files
    }

    pub(crate) fn names(&self) -> Vec<String> {
        self.files().into_keys().collect()
    }

    /// Returns the folders of the tree.
    pub(crate) fn top(&self) -> Vec<String> {
        let names = self.names();
        let mut top: Vec<_> =
            names.iter().filter_map(|name| Some(name.split_once('/')?.0.to_owned())).collect();
        top.dedup();
        top
    }

    #[track_caller]
    pub(crate) fn leaves_nothing_beside(&self) {
        let entries = fs::read_dir(&self.0).unwrap();
        let names: Vec<_> = entries.map(|entry| entry.unwrap().file_name()).collect();
        let hidden = |name: &&std::ffi::OsString| name.to_string_lossy().starts_with('.');
        assert_eq!(0, names.iter().filter(hidden).count(), "{names:?}");
    }
}

fn ran(output: &Output) -> Ran {
    Ran {
        code: output.status.code(),
        stdout: String::from_utf8(output.stdout.clone()).unwrap(),
        stderr: String::from_utf8(output.stderr.clone()).unwrap(),
    }
}

fn walk(folder: &Path, below: &str, files: &mut BTreeMap<String, String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let path = format!("{below}{}", entry.file_name().to_str().unwrap());
        if entry.path().is_dir() {
            walk(&entry.path(), &format!("{path}/"), files);
        } else {
            files.insert(path, fs::read_to_string(entry.path()).unwrap());
        }
    }
}
