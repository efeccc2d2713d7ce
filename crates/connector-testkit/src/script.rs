//! A target that answers by script.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use serde_json::Value;

use crate::{answer::Answer, server::Received};

/// One call a target expects, and its answer.
pub struct Step {
    method: String,
    /// Below the API's base.
    path: String,
    answer: Answer,
    /// Whether the same call may come again and again.
    again: bool,
}

impl Step {
    /// The same answer to the same call, however often it is tried; the last step of a script.
    pub fn again(self) -> Self {
        Self { again: true, ..self }
    }
}

/// The target expects `call` ("GET /Users/W1", a path under its base) and answers with this status and body; `Null` for no
/// body.
pub fn step(call: &str, status: u16, body: Value) -> Step {
    step_with(call, Answer::json(status, body))
}

/// The target expects `call` and answers with anything.
pub fn step_with(call: &str, answer: Answer) -> Step {
    let (method, path) = call.split_once(' ').expect("method and path");
    assert!(["GET", "POST", "PUT", "PATCH", "DELETE"].contains(&method), "no method: {method}");
    Step { method: method.to_owned(), path: path.to_owned(), answer, again: false }
}

/// What is left of a script.
#[derive(Clone, Default)]
pub(crate) struct Script(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    base: String,
    steps: VecDeque<Step>,
    unexpected: Vec<String>,
}

impl Script {
    pub(crate) fn new(base: &str, steps: impl IntoIterator<Item = Step>) -> Self {
        let state = State { base: base.to_owned(), steps: steps.into_iter().collect(), ..State::default() };
        Self(Arc::new(Mutex::new(state)))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn answering(&self) -> impl FnMut(&Received) -> Answer + Send + 'static {
        let script = self.clone();
        move |request| {
            let mut state = script.state();
            let state = &mut *state;
            match state.steps.front() {
                Some(step)
                    if step.method == request.method
                        && request.path.strip_prefix(&state.base) == Some(step.path.as_str()) =>
                {
                    let answer = step.answer.clone();
                    if !step.again {
                        state.steps.pop_front();
                    }
                    answer
                }
                _ => {
                    state.unexpected.push(format!("{} {}", request.method, request.path));
                    Answer::new(599)
                }
            }
        }
    }

    /// Fails unless every call was made, and no other.
    pub(crate) fn assert_played(&self) {
        let state = self.state();
        assert!(state.unexpected.is_empty(), "calls nobody expected: {:?}", state.unexpected);
        let left: Vec<String> = state
            .steps
            .iter()
            .filter(|step| !step.again)
            .map(|step| format!("{} {}", step.method, step.path))
            .collect();
        assert!(left.is_empty(), "calls that were not made: {left:?}");
    }
}
