//! One layer of an image as a tar that is the same, byte for byte, whenever its files are.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crate::tools::{Source, Tool, Wheel};

/// Something in a layer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Node {
    /// A file with these bytes.
    Text {
        /// Its permissions.
        mode: u32,
        /// Its bytes.
        text: String,
    },
    /// A program of the sandbox's own.
    Tool(Tool),
    /// A copy of a file of this machine.
    Copied {
        /// Its permissions.
        mode: u32,
        /// Where it is here.
        from: PathBuf,
    },
    /// A program of the Python package index.
    Wheel(Wheel),
    /// A file of a Go module.
    Sourced {
        /// The folder it lies in.
        source: Source,
        /// Its name there.
        name: &'static str,
    },
    /// What a tool prints, as a file.
    Printed {
        /// Which one.
        tool: Tool,
        /// What it is asked.
        arguments: &'static [&'static str],
    },
    /// A folder.
    Folder {
        /// Its permissions.
        mode: u32,
        /// Its owner, user and group alike.
        owner: u64,
    },
    /// A symbolic link.
    Link(String),
}

/// What a node has become once tools ran and places are known.
#[derive(Debug)]
pub(super) enum Ready {
    Bytes { mode: u32, bytes: Vec<u8> },
    File { mode: u32, path: PathBuf },
    Folder { mode: u32, owner: u64 },
    Link(String),
}

/// Nodes by their place in the image, without the leading slash.
pub(super) type Nodes<T> = BTreeMap<String, T>;

/// Writes the layer: sorted by place, folders above their content, no times, no names of owners.
pub(super) fn write(nodes: &Nodes<Ready>, to: &mut dyn Write) -> io::Result<()> {
    let mut tar = tar::Builder::new(to);
    let mut folders = BTreeSet::new();
    for (place, node) in nodes {
        for above in Path::new(place)
            .ancestors()
            .skip(1)
            .collect::<Vec<_>>()
            .into_iter()
            .rev()
        {
            let name = above.to_string_lossy().into_owned();
            if !name.is_empty() && !nodes.contains_key(&name) && folders.insert(name.clone()) {
                append(
                    &mut tar,
                    &name,
                    &Ready::Folder {
                        mode: 0o755,
                        owner: 0,
                    },
                )?;
            }
        }
        append(&mut tar, place, node)?;
    }
    tar.finish()
}

fn append(tar: &mut tar::Builder<&mut dyn Write>, place: &str, node: &Ready) -> io::Result<()> {
    let mut header = tar::Header::new_gnu();
    header.set_mtime(0);
    header.set_uid(0);
    header.set_gid(0);
    match node {
        Ready::Bytes { mode, bytes } => {
            header.set_mode(*mode);
            header.set_size(bytes.len() as u64);
            tar.append_data(&mut header, place, bytes.as_slice())
        }
        Ready::File { mode, path } => {
            let file = File::open(path)?;
            header.set_mode(*mode);
            header.set_size(file.metadata()?.len());
            tar.append_data(&mut header, place, file)
        }
        Ready::Folder { mode, owner } => {
            header.set_entry_type(tar::EntryType::Directory);
            header.set_mode(*mode);
            header.set_uid(*owner);
            header.set_gid(*owner);
            header.set_size(0);
            tar.append_data(&mut header, format!("{place}/"), io::empty())
        }
        Ready::Link(target) => {
            header.set_entry_type(tar::EntryType::Symlink);
            header.set_mode(0o777);
            header.set_size(0);
            tar.append_link(&mut header, place, target)
        }
    }
}
