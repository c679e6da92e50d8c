//! Windows that go on from a named one: `over (w order by k)`, `window v as (w order by k)`.
//!
//! The planner takes no notice of the name inside the brackets; the parts of the named window are written out there.

use std::collections::HashMap;
use std::ops::ControlFlow;

use datafusion::sql::sqlparser::ast::{
    Expr, NamedWindowDefinition, NamedWindowExpr, Query, Select, VisitMut, VisitorMut, WindowSpec, WindowType,
};

use super::names::folded;
use crate::engine::{EngineError, ErrorKind};

/// Writes out the named windows of a `select`.
pub(super) fn translate(select: &mut Select) {
    let mut named: HashMap<String, WindowSpec> = HashMap::new();
    for NamedWindowDefinition(name, window) in &mut select.named_window {
        if let NamedWindowExpr::WindowSpec(spec) = window {
            fill(spec, &named);
            named.insert(folded(name), spec.clone());
        }
    }
    if named.is_empty() {
        return;
    }
    let mut calls = Calls { named, depth: 0 };
    let _ = select.projection.visit(&mut calls);
    let _ = select.qualify.visit(&mut calls);
}

/// Refuses a window that goes on from one that is not there.
///
/// # Errors
/// [`ErrorKind::Plan`] with its name.
pub(super) fn refuse(expr: &Expr) -> Result<(), EngineError> {
    match expr {
        Expr::Function(call) => match &call.over {
            Some(WindowType::WindowSpec(WindowSpec { window_name: Some(name), .. })) => {
                let message = format!("there is no window `{name}` for this one to go on from");
                Err(EngineError::new(ErrorKind::Plan, message).help("write its parts between the brackets"))
            }
            _ => Ok(()),
        },
        _ => Ok(()),
    }
}

fn fill(spec: &mut WindowSpec, named: &HashMap<String, WindowSpec>) {
    let Some(base) = spec.window_name.as_ref().and_then(|name| named.get(&folded(name))) else { return };
    spec.window_name = None;
    if spec.partition_by.is_empty() {
        spec.partition_by.clone_from(&base.partition_by);
    }
    if spec.order_by.is_empty() {
        spec.order_by.clone_from(&base.order_by);
    }
    if spec.window_frame.is_none() {
        spec.window_frame.clone_from(&base.window_frame);
    }
}

/// The calls of one `select`, without those of the queries in it.
struct Calls {
    named: HashMap<String, WindowSpec>,
    depth: usize,
}

impl VisitorMut for Calls {
    type Break = ();

    fn pre_visit_query(&mut self, _: &mut Query) -> ControlFlow<()> {
        self.depth += 1;
        ControlFlow::Continue(())
    }

    fn post_visit_query(&mut self, _: &mut Query) -> ControlFlow<()> {
        self.depth -= 1;
        ControlFlow::Continue(())
    }

    fn pre_visit_expr(&mut self, expr: &mut Expr) -> ControlFlow<()> {
        if let (0, Expr::Function(call)) = (self.depth, expr)
            && let Some(WindowType::WindowSpec(spec)) = &mut call.over
        {
            fill(spec, &self.named);
        }
        ControlFlow::Continue(())
    }
}
