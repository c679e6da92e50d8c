//! `transform explain`: the long text of a diagnostic code.

use crate::cli::arguments::ExplainArgs;
use crate::cli::exit::{Exit, Failure};
use crate::cli::printer::Printer;
use crate::diagnostic::{Diagnostic, codes};

/// Runs the command.
pub(in crate::cli) fn run(args: &ExplainArgs, printer: &Printer) -> Result<Exit, Failure> {
    let Some(wanted) = &args.code else {
        for code in codes::ALL {
            printer.data(&format!("{}  {}", code.id, code.title));
        }
        return Ok(Exit::Success);
    };
    match codes::ALL.iter().find(|code| code.id.eq_ignore_ascii_case(wanted)) {
        Some(code) => {
            printer.data(&format!("{}: {}\n\n{}", code.id, code.title, code.explanation));
            Ok(Exit::Success)
        }
        None => {
            let ids = codes::ALL.iter().map(|code| code.id);
            let diagnostic = Diagnostic::error(codes::ARGUMENT, format!("there is no code `{wanted}`"));
            Err(diagnostic.help("`transform explain` lists all codes").suggest_near(wanted, ids).into())
        }
    }
}
