//! What a connector tells the suite: its vendor's words.

use connector_core::connector::Registration;
use serde_json::{Value, json};

use super::{Case, shelf::Held};
use crate::{answer::Answer, gateway::Setup, server::Received};

/// A vendor in its own words. The suite knows what to ask of a connector and what must hold; this says what the target
/// looks like and how it says what goes wrong. Nothing here is clever: it keeps no state and knows no SCIM 2.0.
pub trait StandIn: Send + Sync {
    /// The connector, as the host's registry has it.
    fn registration(&self) -> Registration;

    /// The path of the API at the target, as `/scim/v1`: what [`Call::path`] is relative to.
    fn base(&self) -> &'static str;

    /// The instance under test, when it needs parameters or further addresses.
    fn setup(&self, setup: Setup) -> Setup {
        setup
    }

    /// The `n`-th object of the resource type `of` (its name in SCIM, as `User`), as the target holds it, in the shape of
    /// the table: with everything filled in that the table reads, and an id and names that differ for every `n`. What the
    /// target tells in a call of its own stands in it as the table has it; [`StandIn::answer`] takes it apart.
    fn object(&self, of: &str, n: usize) -> Value;

    /// SCIM attributes that a client has to send when it creates one, beside those that are read.
    fn only_written(&self, of: &str) -> Value {
        let _ = of;
        json!({})
    }

    /// The fields of the object in a body that was sent: without envelope.
    fn fields(&self, of: &str, body: Value) -> Value {
        let _ = of;
        body
    }

    /// The target when all is well: what it answers to a call. The objects it holds are on the call's shelf; a write is
    /// answered as if it had been made.
    fn answer(&self, call: &Call<'_>) -> Answer;

    /// How the case shows in this target, for the resource type `of`. A match without wildcard, so that a new case is
    /// decided before anything compiles.
    fn stage(&self, case: Case, of: &str) -> Staged;
}

/// One call to the stand-in.
pub struct Call<'a> {
    request: &'a Received,
    segments: Vec<String>,
    body: Value,
    held: &'a Held,
}

impl<'a> Call<'a> {
    pub(crate) fn new(request: &'a Received, base: &str, held: &'a Held) -> Self {
        Self { segments: request.segments(base), body: request.document(), request, held }
    }

    /// The method, in capitals.
    pub fn method(&self) -> &str {
        &self.request.method
    }

    /// The decoded segments of the path under the base; all of them where it is elsewhere.
    pub fn path(&self) -> Vec<&str> {
        self.segments.iter().map(String::as_str).collect()
    }

    /// A query parameter, decoded.
    pub fn query(&self, name: &str) -> Option<&str> {
        self.request.query.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// A query parameter that is a number.
    pub fn number(&self, name: &str) -> Option<usize> {
        self.query(name)?.parse().ok()
    }

    /// The body, `Null` without one.
    pub const fn body(&self) -> &Value {
        &self.body
    }

    /// Every object of this resource type, in order.
    pub fn all(&self, of: &str) -> Vec<&'a Value> {
        self.held.of(of).iter().map(|(_, object)| object).collect()
    }

    /// The object of this resource type and id.
    pub fn one(&self, of: &str, id: &str) -> Option<&'a Value> {
        self.held.one(of, id)
    }

    /// Objects from the 0-based place `from`, at most `count`, and whether there are more behind them.
    pub fn some(&self, of: &str, from: usize, count: usize) -> (Vec<&'a Value>, bool) {
        let all = self.all(of);
        let end = from.saturating_add(count).min(all.len());
        (all[from.min(end)..end].to_vec(), end < all.len())
    }

    /// What a creation leaves: the object that the suite asks for. From then on [`Call::one`] finds it.
    pub fn created(&self, of: &str) -> Option<&'a Value> {
        self.held.created(of)
    }
}

/// How a case shows in a target.
#[derive(Debug, Clone)]
pub struct Staged {
    pub(crate) how: How,
    pub(crate) except: Vec<(&'static str, &'static str)>,
    pub(crate) beside: Vec<&'static str>,
    pub(crate) sparing: Vec<&'static str>,
}

#[derive(Debug, Clone)]
pub(crate) enum How {
    Plain,
    Answers(Vec<Answer>),
    NotApplicable(&'static str),
    Todo(&'static str),
}

impl Staged {
    const fn new(how: How) -> Self {
        Self { how, except: Vec::new(), beside: Vec::new(), sparing: Vec::new() }
    }

    /// The target is as [`StandIn::answer`] says.
    pub const fn plain() -> Self {
        Self::new(How::Plain)
    }

    /// The target gives this answer instead, to the calls that the case is about. Each one is a form of the same thing,
    /// and the case is run with each.
    pub fn answers(forms: impl IntoIterator<Item = Answer>) -> Self {
        Self::new(How::Answers(forms.into_iter().collect()))
    }

    /// The target cannot show this, because of `reason`. Refused where facets or spec prove that it can.
    pub const fn not_applicable(reason: &'static str) -> Self {
        Self::new(How::NotApplicable(reason))
    }

    /// Not decided yet: the case fails with this sentence.
    pub const fn todo(sentence: &'static str) -> Self {
        Self::new(How::Todo(sentence))
    }

    /// These SCIM attributes (`name.formatted`, `URN:attr`) are judged elsewhere, because of `reason`: the connector makes
    /// them of others, or refuses their change.
    pub fn except(mut self, attributes: &[&'static str], reason: &'static str) -> Self {
        self.except.extend(attributes.iter().map(|attribute| (*attribute, reason)));
        self
    }

    /// These fields are sent along with every write, changed or not: `schemas`.
    pub fn beside(mut self, fields: &[&'static str]) -> Self {
        self.beside.extend(fields);
        self
    }

    /// Calls of these paths under the base (`users/me`) get the usual answer all the same.
    pub fn sparing(mut self, paths: &[&'static str]) -> Self {
        self.sparing.extend(paths);
        self
    }

    pub(crate) fn leaves_out(&self, attribute: &str) -> bool {
        self.except.iter().any(|(known, _)| {
            attribute.strip_prefix(known).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
        })
    }
}
