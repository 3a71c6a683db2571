//! What a browser cannot do for us.

use std::path::PathBuf;

use api::{Code, Error};
use futures::FutureExt;
use futures::future::BoxFuture;

/// A window in a browser.
pub(crate) struct Browser;

impl bridge::Desktop for Browser {
    fn pick_folder(&self, _: String) -> BoxFuture<'_, Result<Option<PathBuf>, Error>> {
        let error = Error::new(Code::Usage, "a browser cannot choose folders of this machine")
            .hint("type the folder's path");
        std::future::ready(Err(error)).boxed()
    }

    fn pick_file(&self, _: String) -> BoxFuture<'_, Result<Option<PathBuf>, Error>> {
        let error = Error::new(Code::Usage, "a browser cannot choose files of this machine")
            .hint("type the file's path");
        std::future::ready(Err(error)).boxed()
    }

    fn open_url(&self, _: &str) -> Result<(), Error> {
        Err(Error::new(Code::Usage, "the browser opens links itself"))
    }
}
