//! The mapping engine: tables as data, compiled once to a plan that converts both ways in one pass.

mod asides;
mod check;
mod compare;
mod compile;
mod elements;
mod filled;
mod layout;
mod plan;
mod published;
mod read;
mod remember;
mod render;
mod scim_path;
mod table;
mod taken;
mod target;
mod trace;
mod transform;
mod write;

pub use asides::Named;
pub use check::{faults, vanishing_rows};
pub(crate) use compile::is_disabled;
pub use compile::{CustomAttribute, Fault, PlanOptions};
pub use layout::{to_markdown, to_text};
pub use plan::{Created, Difference, Plan};
pub use render::{RenderedRow, rendered, to_json};
pub use table::{
    Base, Direction, Elements, Filled, Mark, ONLY_ON_CREATE, Row, Slot, Table, both, create, list, read,
    read_list, unmapped, write, write_list,
};
pub use target::TargetPath;
pub(crate) use trace::Effect;
pub use trace::{Outcome, Step, Trace};
pub use transform::Transform;
