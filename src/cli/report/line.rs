//! The line of a node that ended: number, status, kind, name, rows, time, in columns.

use anstyle::{AnsiColor, Color, Style};

use crate::cli::printer::Printer;
use crate::manifest::{Manifest, Node, ResourceType};
use crate::run::{NodeResult, Plan, Status, Turn};

use super::kind;

/// The widths of the columns, and whether there are colours.
#[derive(Clone, Copy, Debug)]
pub(super) struct Columns {
    number: usize,
    kind: usize,
    name: usize,
    color: bool,
    /// Whether a name that is too long is cut; else it pushes its own line out.
    cut: bool,
}

/// Longer names do not widen the column for all.
const WIDEST_NAME: usize = 60;

/// What stands beside number, kind and name: status, detail, time and the spaces between.
const REST: usize = 35;

impl Columns {
    /// Columns that fit the nodes of a plan, and the terminal where there is one.
    pub(super) fn of(manifest: &Manifest, plan: &Plan, printer: &Printer) -> Self {
        let nodes = || plan.ids().filter_map(|id| manifest.to_run(id));
        let number = plan.len().to_string().len();
        let kind = nodes().map(|node| kind(&node).len()).max().unwrap_or(0);
        let widest = nodes().map(|node| name(&node).chars().count()).max().unwrap_or(0).min(WIDEST_NAME);
        let room = match printer.live {
            true => usize::from(console::Term::stderr().size().1).saturating_sub(2 * number + kind + REST),
            false => WIDEST_NAME,
        };
        Columns { number, kind, name: widest.min(room.max(20)), color: printer.color, cut: printer.live }
    }

    /// The line of a node that ended.
    pub(super) fn line(&self, node: &Node, result: &NodeResult, turn: Turn<'_>) -> String {
        let Turn { index, total, .. } = turn;
        let Columns { number, kind: kind_width, name: name_width, .. } = *self;
        let status = self.paint(result.status, &format!("{:<7}", result.status.as_str()));
        let time = if result.status == Status::Skipped { String::new() } else { seconds(result.seconds()) };
        let name =
            if self.cut { console::truncate_str(&name(node), name_width, "…").into_owned() } else { name(node) };
        let line = format!(
            "{index:>number$}/{total} {status} {:<kind_width$} {name:<name_width$} {:>13} {time:>7}",
            kind(node),
            detail(result),
        );
        line.trim_end().to_owned()
    }

    fn paint(&self, status: Status, text: &str) -> String {
        if !self.color {
            return text.to_owned();
        }
        let color = match status {
            Status::Success | Status::Pass => AnsiColor::Green,
            Status::Error | Status::Fail => AnsiColor::Red,
            Status::Warn | Status::PartialSuccess => AnsiColor::Yellow,
            Status::Skipped | Status::NoOp => AnsiColor::BrightBlack,
        };
        let style = Style::new().fg_color(Some(Color::Ansi(color))).bold();
        format!("{style}{text}{style:#}")
    }
}

/// `schema.alias` of what makes a relation, `model::name` of a unit test, else the node's name.
pub(super) fn name(node: &Node) -> String {
    match (&node.relation, &node.test) {
        (Some(relation), None) => format!("{}.{}", relation.schema, relation.identifier),
        _ if node.resource == ResourceType::UnitTest => {
            let model = node.id.as_str().split('.').nth(2).unwrap_or_default();
            format!("{model}::{}", node.name)
        }
        _ => node.name.clone(),
    }
}

fn detail(result: &NodeResult) -> String {
    let counted = |count: u64, one: &str, many: &str| format!("{count} {}", if count == 1 { one } else { many });
    match (result.status, result.failures, result.rows) {
        (Status::Fail | Status::Warn, Some(failures), _) => counted(failures, "failure", "failures"),
        (Status::Success, _, Some(rows)) => counted(rows, "row", "rows"),
        _ => String::new(),
    }
}

/// `0.04s`, `12.3s`, `3m05s`.
pub(super) fn seconds(seconds: f64) -> String {
    if seconds < 10.0 {
        format!("{seconds:.2}s")
    } else if seconds < 60.0 {
        format!("{seconds:.1}s")
    } else {
        let minutes = (seconds / 60.0).floor();
        format!("{minutes:.0}m{:02.0}s", (seconds - minutes * 60.0).floor())
    }
}
