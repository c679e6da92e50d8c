//! Nodes whose inputs are queries of ours: unit tests on their rows, and models of whose inputs only the columns are known.

use std::sync::Arc;

use super::{Compiled, Compiler};
use crate::base::HashMap;
use crate::context::{Given, NodeNames, value_of};
use crate::diagnostic::Diagnostic;
use crate::jinja::{Replaced, Scope};
use crate::manifest::{Node, UniqueId, UnitTest};
use crate::sql::{cte_name, with_ctes};

impl Compiler {
    /// Compiles a node with queries in the place of nodes and sources that it reads. Of a unit test these are all that it reads, and
    /// what the test overrides holds.
    ///
    /// # Errors
    /// The first failure of the template; for a unit test also where it reads what is not given.
    pub fn compile_given(&self, node: &Arc<Node>, inputs: &[(UniqueId, String)]) -> Result<Compiled, Diagnostic> {
        let test = self.parsed.manifest.unit_tests.get(&node.id);
        let names = expressions(inputs);
        let ctes: Vec<(String, String)> = inputs.iter().map(|(id, query)| (names[id].clone(), query.clone())).collect();
        let given = Given { inputs: names, test: test.cloned() };
        let replaced = test.map(|test| self.replaced(node, test)).unwrap_or_default();
        let names = NodeNames { given: Some(given), ..self.names(node, false) };
        let scope = Scope { replaced, ..super::scope(names) };
        let own = self.render_in(node, &scope)?;
        let sql = with_ctes(&own.sql, &ctes, self.parsed.surroundings.session.dialect);
        Ok(Compiled { sql, macros: own.macros, is_introspective: own.is_introspective, ..Compiled::default() })
    }

    /// What stands for macros and names of the context in a unit test.
    fn replaced(&self, node: &Node, test: &UnitTest) -> Replaced {
        let values = test.macros.iter().map(|(name, value)| (name.clone(), value_of(value)));
        self.parsed.surroundings.environment.replacing(&node.package, values.collect())
    }
}

/// A name for each input, no two the same.
fn expressions(inputs: &[(UniqueId, String)]) -> HashMap<UniqueId, String> {
    let mut names: HashMap<UniqueId, String> = HashMap::default();
    for (id, _) in inputs {
        // `model.package.orders.v2`, `source.package.raw.orders`
        let own = id.as_str().splitn(3, '.').last().unwrap_or_default().replace('.', "__");
        let plain = cte_name(&own.replace(|c: char| !c.is_alphanumeric(), "_"));
        let is_free = |name: &String| !names.values().any(|taken| taken.eq_ignore_ascii_case(name));
        let mut candidates = std::iter::once(plain.clone()).chain((2..).map(|number| format!("{plain}_{number}")));
        let name = candidates.find(is_free).unwrap_or(plain);
        names.insert(id.clone(), name);
    }
    names
}
