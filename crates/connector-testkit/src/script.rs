//! A target that answers by script.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use serde_json::Value;

use crate::{answer::Answer, server::Received};

/// One call a target expects, and its answer.
#[derive(Clone)]
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

    fn expects(&self, request: &Received, base: &str) -> bool {
        self.method == request.method && request.path.strip_prefix(base) == Some(self.path.as_str())
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
    /// Answered whenever the script expects something else.
    standing: Vec<Step>,
    unexpected: Vec<String>,
}

impl Script {
    pub(crate) fn new(base: &str, standing: Vec<Step>, steps: impl IntoIterator<Item = Step>) -> Self {
        let (base, steps) = (base.to_owned(), steps.into_iter().collect());
        let state = State { base, steps, standing, unexpected: Vec::new() };
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
                Some(step) if step.expects(request, &state.base) => {
                    let answer = step.answer.clone();
                    if !step.again {
                        state.steps.pop_front();
                    }
                    answer
                }
                _ => match state.standing.iter().find(|step| step.expects(request, &state.base)) {
                    Some(step) => step.answer.clone(),
                    None => {
                        state.unexpected.push(format!("{} {}", request.method, request.path));
                        Answer::new(599)
                    }
                },
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
