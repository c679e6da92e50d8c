//! The embedded engine over real files.

mod arithmetic;
mod assignments;
mod casts;
mod column_types;
mod drafts;
mod dynamic_filters;
mod exports;
mod fixture;
mod idioms;
mod joins;
mod layouts;
mod limits;
mod marks;
mod merges;
mod relations;
mod source_faults;
mod sources;
mod statements;
mod timestamps;
mod user_functions;
mod versions;
mod writers;
