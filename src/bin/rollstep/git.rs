//! Manifests at another revision: `git:REV` stands for the paths of `-f` there.
//!
//! The one program that rollstep starts, and only where `git:` is written. It reads objects and nothing
//! else: no hook, filter or monitor of the repository runs, nothing is fetched, and of the environment it
//! gets the path and the home, which says whose repositories are trusted. The revision is written to its
//! standard input, so that it is never taken for an option.

mod objects;
mod tree;

use std::env;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, bail, ensure};
use objects::{Answer, Objects};
use rollstep::Source;
use tree::{Entry, Kind};

use crate::files::{Decoded, is_manifest};

/// What stands before a revision.
const PREFIX: &str = "git:";

/// How a pointer begins that Git LFS puts in the place of a file.
///
/// From git-lfs/git-lfs:docs/spec.md.
const LFS: &[u8] = b"version https://git-lfs.github.com/spec/";

/// Returns the revision that is named in the place of a path.
pub(crate) fn revision(path: &str) -> Option<&str> {
    path.strip_prefix(PREFIX)
}

/// Reads the paths at a revision, as they are read from the disk: a file whatever its name, of a directory
/// those that are manifests. What is not there yet at the revision is left out.
pub(crate) fn read_all(
    revision: &str,
    paths: &[String],
    recursive: bool,
) -> anyhow::Result<Decoded> {
    check_revision(revision)?;
    let (mut found, mut sources, mut diagnostics) = (false, Vec::new(), Vec::new());
    for path in paths {
        ensure!(
            path != "-",
            "`{PREFIX}{revision}` stands for the paths of `-f` at that revision, and standard input has none"
        );
        let mut reader = Reader::of(revision, Path::new(path), recursive)?;
        found |= reader.read().with_context(|| format!("cannot read {path} at {revision}"))?;
        for source in reader.sources {
            match source {
                Ok(source) => sources.push(source),
                Err(diagnostic) => diagnostics.push(*diagnostic),
            }
        }
    }
    ensure!(found, "nothing that `-f` names is there at {revision}");
    Ok(if diagnostics.is_empty() { Ok(sources) } else { Err(diagnostics) })
}

/// Refuses what could be read as more than a revision.
fn check_revision(revision: &str) -> anyhow::Result<()> {
    let odd = |character: char| character.is_control() || character == ':';
    ensure!(
        !revision.is_empty() && !revision.starts_with('-') && !revision.contains(odd),
        "`{}` is no revision; write for example `git:HEAD~1`",
        revision.escape_debug()
    );
    Ok(())
}

/// Reads one path at a revision.
struct Reader<'r> {
    revision: &'r str,
    objects: Objects,
    /// The commit and the path in it, as Git names an object.
    object: String,
    /// The path from the top of the repository.
    path: String,
    recursive: bool,
    sources: Vec<Result<Source, Box<rollstep::diagnostic::Diagnostic>>>,
}

impl<'r> Reader<'r> {
    fn of(revision: &'r str, path: &Path, recursive: bool) -> anyhow::Result<Self> {
        let context = || format!("cannot read {} at {revision}", path.display());
        let metadata = fs::metadata(path).with_context(context)?;
        let (folder, name) = match metadata.is_dir() {
            true => (path.to_owned(), String::new()),
            false => {
                let name = path.file_name().and_then(|name| name.to_str());
                let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
                let name = name.context("its name is not UTF-8").with_context(context)?;
                (parent.unwrap_or(Path::new(".")).to_owned(), name.to_owned())
            }
        };
        let Place { shallow, prefix } = Place::of(&folder).with_context(context)?;
        let path = format!("{prefix}{name}");
        let path = path.trim_end_matches('/').to_owned();
        ensure!(!path.contains('\n'), "a name with a line break cannot be read from Git");
        let mut objects = Objects::open(&folder)?;
        let commit = match objects.ask(&format!("{revision}^{{commit}}"))? {
            Answer::Object { id, kind, .. } if kind == "commit" => id,
            _ if shallow => bail!(
                "there is no revision `{revision}` in this shallow clone; fetch the whole history, with \
                 `fetch-depth: 0` in a workflow, or `git fetch --unshallow`"
            ),
            _ => {
                bail!("there is no revision `{revision}` in the repository of {}", folder.display())
            }
        };
        let object = format!("{commit}:{path}");
        Ok(Self { revision, objects, object, path, recursive, sources: Vec::new() })
    }

    /// Returns whether the path is there.
    fn read(&mut self) -> anyhow::Result<bool> {
        let path = self.path.clone();
        match self.objects.ask(&self.object.clone())? {
            Answer::Object { id, kind, bytes } if kind == "tree" => {
                self.read_tree(&id, &bytes, &path)?;
            }
            Answer::Object { kind, bytes, .. } if kind == "blob" => self.push(&path, bytes)?,
            Answer::Missing | Answer::Elsewhere => return Ok(false),
            Answer::Object { kind, .. } => bail!("{path} is a {kind} there"),
        }
        Ok(true)
    }

    fn read_tree(&mut self, id: &str, bytes: &[u8], path: &str) -> anyhow::Result<()> {
        let mut entries = tree::parse(bytes, id.len() / 2)
            .context("Git has answered something else than a tree")?;
        entries.sort_by(|one, other| one.name.cmp(&other.name));
        for Entry { name, kind, id } in entries {
            let below = if path.is_empty() { name.clone() } else { format!("{path}/{name}") };
            let manifest = is_manifest(Path::new(&name));
            match kind {
                Kind::Folder if self.recursive => match self.objects.ask(&id)? {
                    Answer::Object { id, bytes, .. } => self.read_tree(&id, &bytes, &below)?,
                    Answer::Missing | Answer::Elsewhere => bail!("{}", incomplete(&below)),
                },
                Kind::File if manifest => match self.objects.ask(&id)? {
                    Answer::Object { bytes, .. } => self.push(&below, bytes)?,
                    Answer::Missing | Answer::Elsewhere => bail!("{}", incomplete(&below)),
                },
                Kind::Link if manifest => self.read_link(&below)?,
                Kind::Folder | Kind::File | Kind::Link | Kind::Other => {}
            }
        }
        Ok(())
    }

    /// Reads what a link leads to; a linked folder is not followed.
    fn read_link(&mut self, path: &str) -> anyhow::Result<()> {
        ensure!(!path.contains('\n'), "a name with a line break cannot be read from Git");
        let commit = self.object.split(':').next().unwrap_or_default();
        match self.objects.ask(&format!("{commit}:{path}"))? {
            Answer::Object { kind, bytes, .. } if kind == "blob" => self.push(path, bytes),
            Answer::Object { .. } => Ok(()),
            Answer::Missing | Answer::Elsewhere => {
                bail!("{path} is a link that leads to nothing in {}", self.revision)
            }
        }
    }

    fn push(&mut self, path: &str, bytes: Vec<u8>) -> anyhow::Result<()> {
        ensure!(
            !bytes.starts_with(LFS),
            "{path} is a pointer of Git LFS there, and not the file; keep manifests out of LFS"
        );
        let name = format!("{PREFIX}{}:{path}", self.revision);
        self.sources.push(Source::from_bytes(name, bytes));
        Ok(())
    }
}

fn incomplete(path: &str) -> String {
    format!(
        "{path} is missing in this partial clone, and nothing is fetched; fetch it with `git fetch --refetch`"
    )
}

/// Where a folder lies in its repository.
struct Place {
    shallow: bool,
    prefix: String,
}

impl Place {
    fn of(folder: &Path) -> anyhow::Result<Self> {
        let output = command(folder)?
            .args(["rev-parse", "--is-shallow-repository", "--show-prefix"])
            .stdin(Stdio::null())
            .output()
            .context("cannot start git")?;
        if !output.status.success() {
            let said = String::from_utf8_lossy(&output.stderr);
            bail!("git says: {}", said.trim().replace(char::is_control, " "));
        }
        let text = String::from_utf8(output.stdout).context("the path is not UTF-8")?;
        let (shallow, prefix) = text.split_once('\n').unwrap_or((&text, ""));
        let prefix = prefix.strip_suffix('\n').unwrap_or(prefix);
        Ok(Self { shallow: shallow == "true", prefix: prefix.to_owned() })
    }
}

/// Returns git in that folder, with nothing of the environment that changes what it does.
fn command(folder: &Path) -> anyhow::Result<Command> {
    let paths: Vec<_> = env::var_os("PATH")
        .map(|paths| env::split_paths(&paths).filter(|path| path.is_absolute()).collect())
        .unwrap_or_default();
    let program = find(&paths).context("`git:` needs the program git, which is not on the PATH")?;
    let mut command = Command::new(program);
    command.env_clear().current_dir(folder);
    command.env("PATH", env::join_paths(&paths).unwrap_or_else(|_| OsString::new()));
    if let Some(home) = env::var_os("HOME") {
        command.env("HOME", home);
    }
    let settings = [
        ("LC_ALL", "C"),
        ("GIT_NO_LAZY_FETCH", "1"),
        ("GIT_ALLOW_PROTOCOL", "none"),
        ("GIT_NO_REPLACE_OBJECTS", "1"),
        ("GIT_OPTIONAL_LOCKS", "0"),
        ("GIT_TERMINAL_PROMPT", "0"),
    ];
    command.envs(settings);
    command.args(["--no-pager", "-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null"]);
    Ok(command)
}

fn find(paths: &[PathBuf]) -> Option<PathBuf> {
    let name = if cfg!(windows) { "git.exe" } else { "git" };
    paths.iter().map(|path| path.join(name)).find(|path| path.is_file())
}
