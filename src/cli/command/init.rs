//! `transform init`: a small project that works.

use std::path::Path;

use crate::cli::arguments::InitArgs;
use crate::cli::exit::{Exit, Failure};
use crate::cli::printer::Printer;
use crate::diagnostic::{Diagnostic, codes};
use crate::source::{DiskWorld, World};

/// The files of the starter project; `{{name}}` in the project file is the project's name.
const STARTER: &[(&str, &str)] = &[
    ("transform.yml", include_str!("../../../templates/starter/transform.yml")),
    ("README.md", include_str!("../../../templates/starter/README.md")),
    (".gitignore", include_str!("../../../templates/starter/gitignore")),
    ("raw/orders.csv", include_str!("../../../templates/starter/raw/orders.csv")),
    ("seeds/customers.csv", include_str!("../../../templates/starter/seeds/customers.csv")),
    ("models/bronze/bronze_orders.sql", include_str!("../../../templates/starter/models/bronze/bronze_orders.sql")),
    ("models/bronze/_bronze.yml", include_str!("../../../templates/starter/models/bronze/_bronze.yml")),
    ("models/silver/orders.sql", include_str!("../../../templates/starter/models/silver/orders.sql")),
    ("models/silver/_silver.yml", include_str!("../../../templates/starter/models/silver/_silver.yml")),
    ("models/gold/customer_revenue.sql", include_str!("../../../templates/starter/models/gold/customer_revenue.sql")),
    ("models/gold/_gold.yml", include_str!("../../../templates/starter/models/gold/_gold.yml")),
];

/// Runs the command. A folder that already holds something is left alone.
pub(in crate::cli) fn run(args: &InitArgs, printer: &Printer) -> Result<Exit, Failure> {
    let world = DiskWorld;
    let folder = Path::new(&args.name);
    let name = folder.file_name().map(|name| name.to_string_lossy().replace('-', "_")).unwrap_or_default();
    let is_name =
        !name.starts_with(|c: char| c.is_ascii_digit()) && name.chars().all(|c| c.is_alphanumeric() || c == '_');
    if name.is_empty() || !is_name {
        let message =
            format!("`{}` is no name for a project: letters, digits and `_`, not starting with a digit", args.name);
        return Err(Diagnostic::error(codes::ARGUMENT, message).into());
    }
    if world.kind(folder).is_some() {
        return Err(Diagnostic::error(codes::ARGUMENT, format!("`{}` exists already", args.name)).into());
    }
    for (path, text) in STARTER {
        let text = text.replace("{{name}}", &name);
        world.write(&folder.join(path), text.as_bytes()).map_err(|error| {
            Diagnostic::error(
                codes::FILE_UNWRITABLE,
                format!("`{}` cannot be written: {error}", folder.join(path).display()),
            )
        })?;
    }
    printer.line(&format!("made `{}`; next: cd {} && transform build", args.name, args.name));
    Ok(Exit::Success)
}
