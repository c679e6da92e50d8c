//! What a run does, told to whoever collects lineage: [OpenLineage](https://openlineage.io) run events, version 2-0-2.
//!
//! A command is a run, and each node that it executes a run whose parent it is; both begin with a `START` and end with a `COMPLETE`, a
//! `FAIL` or an `ABORT`. The events of nodes name what is read and what is made, with the columns and where their values come from, as far
//! as that is known from the SQL; nothing is guessed. [`Settings`] says where they go, and nothing goes anywhere unless the environment or
//! a file `openlineage.yml` says so. Whatever becomes of them, the run goes on.
//!
//! The names of jobs and facets are those of OpenLineage's own integration with dbt, so that a project can change the tool and keep its
//! lineage. `event` has the shapes, `datasets` what is read and made, `emitter` when what is told, `transport` how.

mod datasets;
mod emitter;
mod event;
mod settings;
mod transport;

pub use self::datasets::Project;
pub use self::emitter::{Emitter, OnTheWay};
pub use self::settings::Settings;
