//! `new`, `check` and `schema`: bundles on disk, without any cluster.

use std::path::Path;
use std::sync::Arc;

use api::bundles::{self, Bundle, Format};

use super::Outcome;
use crate::args::{Check, CheckFormat, New};
use crate::console::Console;
use crate::exit::Exit;
use crate::halt::Halt;
use crate::style::Paint;
use crate::table::table;

/// Makes a bundle from a template, or shows the templates.
pub(super) fn new(console: Console, args: &New) -> Outcome {
    let Some(folder) = &args.folder else {
        return list_templates(console);
    };
    let made = bundles::new(folder, &args.template, args.name.as_deref())?;
    console.result(&made, |_| {
        vec![
            format!("made {} from template {}", made.folder.display(), made.template),
            format!("  look for problems  taskwright check {}", made.folder.display()),
            format!(
                "  boot it            taskwright preview {}",
                made.folder.display()
            ),
        ]
    })?;
    Ok(Exit::Done)
}

fn list_templates(console: Console) -> Outcome {
    let templates = bundles::templates();
    console.result(&templates, |paint| {
        let rows: Vec<Vec<String>> = templates
            .iter()
            .map(|template| {
                vec![
                    template.name.to_owned(),
                    template.title.clone(),
                    template.summary.clone(),
                ]
            })
            .collect();
        table(&["TEMPLATE", "TITLE", "ABOUT"], &rows, paint)
    })?;
    Ok(Exit::Done)
}

/// Looks for problems and prints them all.
pub(super) fn check(console: Console, args: &Check) -> Outcome {
    let (checked, unopened) = bundles::check(&args.bundles);
    for error in &unopened {
        console.error(error)?;
    }
    let format = match args.format {
        CheckFormat::Text => Format::Text {
            coloured: console.paint_out != Paint::PLAIN,
        },
        CheckFormat::Json => Format::Json,
        CheckFormat::Sarif => Format::Sarif,
        CheckFormat::Github => Format::Github,
    };
    console.print(&bundles::render(&checked, format))?;
    let sound = unopened.is_empty() && !checked.iter().any(bundles::CheckedFolder::has_errors);
    Ok(if sound { Exit::Done } else { Exit::Problem })
}

/// Prints the schema of `task.yaml`.
pub(super) fn schema(console: Console) -> Outcome {
    console.print(&bundles::schema())?;
    Ok(Exit::Done)
}

/// Opens a bundle for a command that needs a sound one: problems are printed to standard error.
pub(super) fn open(console: Console, folder: &Path) -> Result<Option<Arc<Bundle>>, Halt> {
    let checked = bundles::check_one(folder)?;
    if !checked.diagnostics().is_empty() {
        let coloured = console.paint_err != Paint::PLAIN;
        let text = bundles::render(std::slice::from_ref(&checked), Format::Text { coloured });
        console.error_line(text.trim_end())?;
    }
    Ok(checked.into_bundle().map(Arc::new))
}
