use std::collections::VecDeque;

use super::State;
use crate::kubernetes::Error;

/// What a call to Kubernetes does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Verb {
    /// `kubernetes::list`.
    List,
    /// `kubernetes::get`.
    Get,
    /// `kubernetes::log`.
    Log,
    /// `kubernetes::delete`.
    Delete,
    /// `kubernetes::evict`.
    Evict,
    /// `kubernetes::patch`.
    Patch,
    /// `kubernetes::scale`.
    Scale,
    /// `kubernetes::create`.
    Create,
}

/// A call that was made.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Call {
    /// What it does.
    pub verb: Verb,
    /// `pods`, `deployments.apps`.
    pub resource: String,
    /// The namespace, if it names one.
    pub namespace: Option<String>,
    /// The object, if it names one.
    pub name: Option<String>,
    /// A list's label selector.
    pub labels: Option<String>,
    /// A list's field selector; a log's container.
    pub fields: Option<String>,
    /// The patch, or the object to create.
    pub body: Option<String>,
    /// Replicas to scale to, seconds of grace, lines of a log.
    pub number: Option<u32>,
}

pub(super) type Answer = Result<Vec<String>, Error>;

#[derive(Default)]
pub(crate) struct Kubernetes {
    answers: Vec<((Verb, String), VecDeque<Answer>)>,
    calls: Vec<Call>,
}

impl Kubernetes {
    pub(super) fn add(&mut self, verb: Verb, resource: &str, answer: Answer) {
        let key = (verb, resource.to_owned());
        match self.answers.iter_mut().find(|(own, _)| *own == key) {
            Some((_, answers)) => answers.push_back(answer),
            None => self.answers.push((key, VecDeque::from([answer]))),
        }
    }

    pub(super) fn calls(&self) -> Vec<Call> {
        self.calls.clone()
    }
}

impl State {
    pub(crate) fn kubernetes(&mut self, call: Call) -> Answer {
        let Kubernetes { answers, calls } = &mut self.kubernetes;
        let key = (call.verb, call.resource.clone());
        let denied = format!(
            "the mock host has no answer to {:?} {}: give it one first",
            call.verb, call.resource
        );
        calls.push(call);
        let Some((_, answers)) = answers.iter_mut().find(|(own, _)| *own == key) else {
            return Err(Error::Denied(denied));
        };
        let kept = (answers.len() == 1)
            .then(|| answers.front().cloned())
            .flatten();
        kept.or_else(|| answers.pop_front())
            .unwrap_or(Err(Error::Denied(denied)))
    }
}
