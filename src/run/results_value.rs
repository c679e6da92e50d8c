//! `results` as hooks at the end of a run see them: a list of what `run_results.json` says of each node, with the node itself.

use std::fmt;
use std::sync::Arc;

use serde_json::Value as Json;

use super::{NodeResult, Runner, outputs};
use crate::artifact::{NodeOutputs, resource_behind};
use crate::context::value_of;
use crate::jinja::{Enumerator, Error, ErrorKind, Object, State, Value, mutable};

/// The results of all nodes.
pub(super) fn of(runner: &Runner, results: &[NodeResult]) -> Value {
    // A file that cannot be written is told of behind the run.
    let outputs = outputs(&runner.compiler, &runner.target_dir, results).unwrap_or_default();
    mutable(results.iter().map(|result| Value::from_object(ResultValue::new(runner, &outputs, result))).collect())
}

/// Results of what is no node, of which the fields are known.
pub(super) fn of_fields(results: Vec<Json>) -> Value {
    mutable(results.into_iter().map(|fields| Value::from_object(ResultValue { fields })).collect())
}

/// One result: attributes, and `to_dict()`.
struct ResultValue {
    fields: Json,
}

impl ResultValue {
    fn new(runner: &Runner, outputs: &NodeOutputs, result: &NodeResult) -> Self {
        let mut fields = serde_json::to_value(result.to_artifact(runner.session())).unwrap_or_default();
        let manifest = &runner.compiler.parsed().manifest;
        let node = resource_behind(manifest, runner.session(), outputs, &result.id);
        if let (Json::Object(fields), Some(node)) = (&mut fields, node) {
            fields.insert("node".to_owned(), node);
        }
        ResultValue { fields }
    }
}

impl fmt::Debug for ResultValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RunResult({})", self.fields.get("unique_id").and_then(Json::as_str).unwrap_or_default())
    }
}

impl Object for ResultValue {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        self.fields.get(key.as_str()?).map(value_of)
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        let keys = self.fields.as_object().into_iter().flat_map(|fields| fields.keys());
        Enumerator::Values(keys.map(Value::from).collect())
    }

    fn call_method(self: &Arc<Self>, _state: &mut State<'_, '_>, method: &str, _: &[Value]) -> Result<Value, Error> {
        match method {
            "to_dict" => Ok(value_of(&self.fields)),
            _ => Err(Error::from(ErrorKind::UnknownMethod)),
        }
    }
}
