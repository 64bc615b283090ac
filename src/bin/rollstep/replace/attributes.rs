//! What a file has besides its text: permissions, an owner, extended attributes, other names.
//!
//! A rename puts another file in the place of the one that was there. It gets everything that the old one
//! had; where that cannot be, nothing is written.

use std::fs::{self, File, Metadata, OpenOptions};
use std::path::Path;

use anyhow::{Context as _, ensure};

/// The attributes of a file that is to be replaced.
pub(super) struct Attributes {
    metadata: Metadata,
    #[cfg(unix)]
    extended: Vec<extended::Attribute>,
}

impl Attributes {
    /// Reads them; a file that must not be replaced is refused.
    pub(super) fn of(path: &Path) -> anyhow::Result<Self> {
        let metadata = fs::metadata(path)?;
        ensure!(metadata.is_file(), "it is no regular file");
        ensure!(!metadata.permissions().readonly(), "it is read-only");
        let file =
            OpenOptions::new().read(true).write(true).open(path).context("it is read-only")?;
        #[cfg(unix)]
        {
            use std::os::unix::fs::MetadataExt as _;
            let links = metadata.nlink();
            ensure!(links < 2, "it has {links} hard links, which a new file would leave behind");
            Ok(Self { metadata, extended: extended::read(&file)? })
        }
        #[cfg(not(unix))]
        {
            drop(file);
            Ok(Self { metadata })
        }
    }

    /// Gives them to the file that takes the place.
    pub(super) fn give_to(&self, file: &File) -> anyhow::Result<()> {
        #[cfg(unix)]
        {
            give_away(file, &self.metadata)?;
            extended::give(&self.extended, file)?;
        }
        // Last, since a change of the owner takes bits away.
        file.set_permissions(self.metadata.permissions())?;
        Ok(())
    }
}

/// Gives the file the owner of the old one, where that is another.
#[cfg(unix)]
fn give_away(file: &File, old: &Metadata) -> anyhow::Result<()> {
    use std::os::unix::fs::{MetadataExt as _, fchown};
    let new = file.metadata()?;
    let (user, group) = (old.uid(), old.gid());
    if (user, group) == (new.uid(), new.gid()) {
        return Ok(());
    }
    fchown(file, Some(user), Some(group)).with_context(|| {
        format!("it belongs to user {user} and group {group}, which only they or root can keep")
    })
}

#[cfg(unix)]
mod extended {
    //! Extended attributes, of which access control lists and labels of security modules are some.

    use std::ffi::CString;
    use std::fs::File;

    use anyhow::Context as _;
    use rustix::fs::{XattrFlags, fgetxattr, flistxattr, fsetxattr};
    use rustix::io::Errno;

    /// The most that Linux keeps of the names of a file, and of the value of one.
    const MAX: usize = 1 << 16;

    /// The name and the value of an attribute.
    pub(super) struct Attribute {
        name: CString,
        value: Vec<u8>,
    }

    /// Returns all attributes of the file; none where its file system has none.
    pub(super) fn read(file: &File) -> anyhow::Result<Vec<Attribute>> {
        let mut names = vec![0; MAX];
        let length = match flistxattr(file, names.as_mut_slice()) {
            Err(Errno::NOTSUP) => return Ok(Vec::new()),
            length => length.context("cannot read its extended attributes")?,
        };
        names.truncate(length);
        let mut attributes = Vec::new();
        for name in names.split(|byte| *byte == 0).filter(|name| !name.is_empty()) {
            let name = CString::new(name)?;
            let mut value = vec![0; MAX];
            let length = fgetxattr(file, name.as_c_str(), value.as_mut_slice())
                .with_context(|| format!("cannot read its extended attribute {name:?}"))?;
            value.truncate(length);
            attributes.push(Attribute { name, value });
        }
        Ok(attributes)
    }

    /// Sets those attributes that the file does not have by itself.
    pub(super) fn give(attributes: &[Attribute], file: &File) -> anyhow::Result<()> {
        let there = read(file)?;
        for Attribute { name, value } in attributes {
            let same = |other: &Attribute| other.name == *name && other.value == *value;
            if !there.iter().any(same) {
                fsetxattr(file, name.as_c_str(), value, XattrFlags::empty())
                    .with_context(|| format!("cannot keep its extended attribute {name:?}"))?;
            }
        }
        Ok(())
    }
}
