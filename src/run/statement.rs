//! Statements of the project's own, sent to the engine one after the other.

use super::Runner;
use crate::engine::{EngineError, Operation, Outcome};
use crate::sql::{is_query, statements};

impl Runner {
    /// Runs the statements of a text; rows that one gives are read and left. What the last one did is the outcome.
    ///
    /// # Errors
    /// The first failure; the statements behind it are not run.
    pub(super) async fn script(&self, sql: &str) -> Result<Outcome, EngineError> {
        let dialect = self.engine.dialect();
        let mut outcome = Outcome::default();
        for statement in statements(sql, dialect) {
            outcome = if is_query(statement, dialect) {
                let (_, batches) = self.engine.query(statement, &self.cancel).await?.collect().await?;
                let rows = batches.iter().map(|batch| batch.num_rows() as u64).sum();
                Outcome { rows: Some(rows), ..Outcome::default() }
            } else {
                let operation = Operation::Execute { sql: statement.to_owned() };
                self.engine.apply(operation, &self.cancel).await?
            };
        }
        Ok(outcome)
    }
}
