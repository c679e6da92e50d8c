//! `range(start, stop, step)`: numbers that are not made before they are asked for.

use std::fmt;
use std::sync::Arc;

use minijinja::value::{Enumerator, Object, ObjectRepr, Value};
use minijinja::{Error, ErrorKind};

/// The longest range that may be walked through, as in Jinja's sandbox.
const LONGEST: u64 = 100_000;

/// A range of whole numbers.
#[derive(Clone, Copy, Debug)]
pub(in crate::jinja) struct Range {
    start: i64,
    stop: i64,
    step: i64,
}

impl Range {
    /// The range between two numbers.
    pub(in crate::jinja) fn new(start: i64, stop: i64, step: i64) -> Result<Self, Error> {
        let wrong = |message| Err(Error::new(ErrorKind::InvalidOperation, message));
        if step == 0 {
            return wrong("the step of a range cannot be zero");
        }
        let range = Range { start, stop, step };
        if range.len() > LONGEST {
            return wrong("the range is too long: it may have 100000 numbers");
        }
        Ok(range)
    }

    fn len(self) -> u64 {
        let span = if self.step > 0 {
            i128::from(self.stop) - i128::from(self.start)
        } else {
            i128::from(self.start) - i128::from(self.stop)
        };
        let step = i128::from(self.step.unsigned_abs());
        u64::try_from((span + step - 1).max(0) / step).unwrap_or(u64::MAX)
    }
}

impl Object for Range {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Seq
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        let index = key.as_i64()?;
        let len = i64::try_from(self.len()).ok()?;
        let at = if index < 0 { index + len } else { index };
        (0..len).contains(&at).then(|| Value::from(self.start + at * self.step))
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Seq(usize::try_from(self.len()).unwrap_or(usize::MAX))
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.step {
            1 => write!(f, "range({}, {})", self.start, self.stop),
            step => write!(f, "range({}, {}, {step})", self.start, self.stop),
        }
    }
}
