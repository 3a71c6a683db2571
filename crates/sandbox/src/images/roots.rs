//! Debian underneath an image, made ahead of the image: it takes long and needs no program of ours, so it can be
//! made while those are built.

use std::io;
use std::path::{Path, PathBuf};

use super::{Image, ImagesError};
use crate::debian::{self, Package};
use crate::tools::key_of;

const TAR: &str = "root.tar";

/// A root file system that waits for its image.
pub(super) struct Root {
    folder: PathBuf,
}

impl Root {
    /// Makes it below `images`, unless it is there.
    pub(super) async fn ensure(
        images: &Path,
        image: Image,
        recipe: &debian::Recipe<'_>,
    ) -> Result<Self, ImagesError> {
        let key = key_of(recipe.inputs());
        let root = Self {
            folder: images.join("roots").join(&key),
        };
        if root.folder.is_dir() {
            return Ok(root);
        }
        let partial = images
            .join(".partial")
            .join(format!("root-{key}.{}", std::process::id()));
        let failed = |source| ImagesError::Write {
            image,
            path: images.to_owned(),
            source,
        };
        std::fs::create_dir_all(&partial).map_err(failed)?;
        std::fs::create_dir_all(images.join("roots")).map_err(failed)?;
        debian::build_root(recipe, &partial.join(TAR))
            .await
            .map_err(|source| ImagesError::Root { image, source })?;
        match std::fs::rename(&partial, &root.folder) {
            // Another run was faster.
            Err(_) if root.folder.is_dir() => Ok(()),
            renamed => renamed,
        }
        .map_err(failed)?;
        Ok(root)
    }

    pub(super) fn tar(&self) -> PathBuf {
        self.folder.join(TAR)
    }

    /// What is installed in it.
    pub(super) fn packages(&self) -> io::Result<Vec<Package>> {
        debian::packages_in(&self.tar())
    }

    /// Not needed any more: the image holds all of it.
    pub(super) fn remove(&self) {
        // What cannot be removed is in nobody's way.
        let _left = std::fs::remove_dir_all(&self.folder);
    }
}
