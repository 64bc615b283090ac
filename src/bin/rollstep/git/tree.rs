//! The bytes of a tree of Git: its entries, each a mode, a name and an object.

/// A file, link or folder of a tree.
pub(super) struct Entry {
    pub(super) name: String,
    pub(super) kind: Kind,
    /// The object, as hexadecimal digits.
    pub(super) id: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    File,
    Link,
    Folder,
    /// Another repository.
    Other,
}

/// Returns the entries of a tree whose objects have names of so many bytes; nothing where it is none.
pub(super) fn parse(mut bytes: &[u8], id_length: usize) -> Option<Vec<Entry>> {
    let mut entries = Vec::new();
    while !bytes.is_empty() {
        let (mode, rest) = split_at(bytes, b' ')?;
        let (name, rest) = split_at(rest, 0)?;
        let (id, rest) = rest.split_at_checked(id_length)?;
        entries.push(Entry {
            name: String::from_utf8_lossy(name).into_owned(),
            kind: match mode {
                b"40000" => Kind::Folder,
                b"120000" => Kind::Link,
                b"160000" => Kind::Other,
                _ => Kind::File,
            },
            id: id.iter().map(|byte| format!("{byte:02x}")).collect(),
        });
        bytes = rest;
    }
    Some(entries)
}

fn split_at(bytes: &[u8], end: u8) -> Option<(&[u8], &[u8])> {
    let position = bytes.iter().position(|byte| *byte == end)?;
    Some((bytes.get(..position)?, bytes.get(position + 1..)?))
}
