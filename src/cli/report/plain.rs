//! For logs: a line for each node that ended.

use super::line::Columns;
use crate::cli::printer::Printer;
use crate::manifest::Node;
use crate::run::{NodeResult, Reporter, Turn};

/// Prints lines and nothing else.
pub(super) struct PlainReporter {
    columns: Columns,
    printer: Printer,
}

impl PlainReporter {
    pub(super) fn new(columns: Columns, printer: Printer) -> Self {
        PlainReporter { columns, printer }
    }
}

impl Reporter for PlainReporter {
    fn started(&self, _node: &Node, _turn: Turn<'_>) {}

    fn finished(&self, node: &Node, result: &NodeResult, turn: Turn<'_>) {
        self.printer.line(&self.columns.line(node, result, turn));
    }
}
